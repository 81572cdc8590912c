/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/session.h"

#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "conf/settings.h"
#include "crypto/digest.h"
#include "crypto/random_token.h"
#include "fcgi/exchange.h"
#include "store/session_store.h"

#define COOKIE_TLS "__Host-jqm-session"
#define COOKIE_CLEAR "jqm-session"
#define ALPHABET "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

static const char *
cookie_name(const struct exchange *x)
{
	return x->request.tls ? COOKIE_TLS : COOKIE_CLEAR;
}

/* The value of the one cookie of that name and its length; NULL when there is none, or more than one. */
static const char *
find_cookie(const char *cookies, const char *name, size_t *len_out)
{
	const char *found = NULL;
	size_t name_len = strlen(name);

	while (*cookies != '\0') {
		size_t len;

		cookies += strspn(cookies, "; \t");
		len = strcspn(cookies, ";");
		if (len > name_len && strncmp(cookies, name, name_len) == 0 &&
		    cookies[name_len] == '=') {
			if (found != NULL)
				return NULL;
			found = cookies + name_len + 1;
			*len_out = len - name_len - 1;
		}
		cookies += len;
	}
	return found;
}

static int
hash_of(const char *token, char out[SESSION_HASH_SIZE])
{
	unsigned char digest[DIGEST_SIZE];

	if (digest_sha256(token, SESSION_TOKEN_CHARS, digest) == -1)
		return -1;
	str_hex(out, digest, sizeof(digest));
	return 0;
}

bool
session_presented(const struct exchange *x, char hash_out[SESSION_HASH_SIZE])
{
	size_t len = 0;
	const char *token = find_cookie(x->request.cookie, cookie_name(x), &len);

	return token != NULL && len == SESSION_TOKEN_CHARS && strspn(token, ALPHABET) == len &&
	       hash_of(token, hash_out) == 0;
}

static void
set_cookie(struct exchange *x, const char *value, const char *more)
{
	exchange_header(x, "Set-Cookie",
			exchange_printf(x, "%s=%s; Path=/; HttpOnly; SameSite=Strict%s%s",
					cookie_name(x), value, x->request.tls ? "; Secure" : "",
					more));
}

int
session_open(struct exchange *x, int64_t account_id, int64_t version, struct err *err)
{
	const struct session_life life = { settings_int(x->settings, "fcgi:session_idle_s"),
					   settings_int(x->settings, "fcgi:session_max_s") };
	const struct session_line line = { x->request.remote_addr, x->request.tls };
	char token[SESSION_TOKEN_CHARS + 1], hash[SESSION_HASH_SIZE], old[SESSION_HASH_SIZE];
	int64_t id = 0;

	if (random_text(token, SESSION_TOKEN_CHARS) == -1 || hash_of(token, hash) == -1)
		return err_set(err, ERR_INTERNAL, "the system gives no random bytes");
	if (session_start(x->db, account_id, version, hash, &life, &line, &id, err) == -1)
		return -1;
	if (id == 0)
		return 0;
	if (session_presented(x, old) && session_end_by_token(x->db, old, err) == -1)
		return -1;
	set_cookie(x, token, "");
	explicit_bzero(token, sizeof(token));
	x->identity.session_id = id;
	return 1;
}

int
session_close(struct exchange *x, struct err *err)
{
	char hash[SESSION_HASH_SIZE];

	if (session_presented(x, hash) && session_end_by_token(x->db, hash, err) == -1)
		return -1;
	set_cookie(x, "", "; Max-Age=0");
	return 0;
}
