/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/second_factor.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "crypto/digest.h"
#include "crypto/random_token.h"
#include "crypto/totp.h"
#include "fcgi/authn.h"
#include "fcgi/exchange.h"
#include "store/second_factor_store.h"

#define US_PER_S 1000000
#define HASH_TEXT_SIZE (2 * DIGEST_SIZE + 1)

static int
no_crypto(struct err *err)
{
	return err_set(err, ERR_INTERNAL, "OpenSSL cannot compute a code");
}

static int
hash_of(const char *code, char out[HASH_TEXT_SIZE], struct err *err)
{
	unsigned char digest[DIGEST_SIZE];

	if (digest_sha256(code, strlen(code), digest) == -1)
		return no_crypto(err);
	str_hex(out, digest, sizeof(digest));
	return 0;
}

/* As totp_verify(), with the row's secret. */
static int
verify(const struct second_factor_row *row, const char *code, int64_t *step_out, struct err *err)
{
	unsigned char secret[TOTP_SECRET_BYTES];
	int right = -1;

	if (str_unhex(secret, sizeof(secret), row->secret) == 0)
		right =
		    totp_verify(secret, code, clock_wall_us() / US_PER_S, row->last_step, step_out);
	explicit_bzero(secret, sizeof(secret));
	return right == -1 ? no_crypto(err) : right;
}

int
second_factor_check(struct exchange *x, int64_t account_id, const char *code, struct err *err)
{
	struct second_factor_row row;
	char hash[HASH_TEXT_SIZE];
	int64_t step = 0;
	int right, wait_s = 0;

	if (second_factor_try(x->db, account_id, &wait_s, err) == -1)
		return -1;
	if (wait_s > 0)
		return authn_refuse_for(x, wait_s, err);
	if (second_factor_read(x->db, account_id, exchange_memory(x), &row, err) == -1)
		return -1;
	if (row.secret == NULL || !row.confirmed)
		return 0;
	right = verify(&row, code, &step, err);
	if (right == 1)
		return second_factor_use(x->db, account_id, step, err);
	if (right == -1 || strlen(code) != RECOVERY_CODE_CHARS)
		return right;
	if (hash_of(code, hash, err) == -1)
		return -1;
	return second_factor_use_recovery(x->db, account_id, hash, err);
}

/* Codes, and the array of their hashes. */
static int
make_codes(struct exchange *x, const char **codes, struct buf *hashes, struct err *err)
{
	char code[RECOVERY_CODE_CHARS + 1], hash[HASH_TEXT_SIZE];

	buf_putc(hashes, '{');
	for (size_t i = 0; i < RECOVERY_CODES; i++) {
		if (random_text(code, RECOVERY_CODE_CHARS) == -1)
			return err_set(err, ERR_INTERNAL, "the system gives no random bytes");
		if (hash_of(code, hash, err) == -1)
			return -1;
		codes[i] = exchange_strdup(x, code);
		buf_printf(hashes, "%s\"\\\\x%s\"", i == 0 ? "" : ",", hash);
	}
	buf_putc(hashes, '}');
	explicit_bzero(code, sizeof(code));
	return buf_check(hashes, err);
}

int
second_factor_confirm_code(struct exchange *x, int64_t account_id, const char *code,
			   const char **codes, struct err *err)
{
	struct buf hashes = BUF_INIT((size_t)RECOVERY_CODES * HASH_TEXT_SIZE * 2);
	struct second_factor_row row;
	int64_t step = 0;
	int done;

	if (second_factor_read(x->db, account_id, exchange_memory(x), &row, err) == -1)
		return -1;
	if (row.secret == NULL || row.confirmed)
		return err_set(err, ERR_CONFLICT, "no new second factor waits for its first code");
	done = verify(&row, code, &step, err);
	if (done == 0)
		return err_set(err, ERR_INVALID, "field \"code\" is not the device's code of now");
	if (done == 1 && make_codes(x, codes, &hashes, err) == -1)
		done = -1;
	if (done == 1)
		done = second_factor_confirm(x->db, account_id, row.secret, step, buf_text(&hashes),
					     x->identity.session_id, err);
	buf_free(&hashes);
	if (done == 0)
		return err_set(err, ERR_CONFLICT, "no new second factor waits for its first code");
	return done == 1 ? 0 : -1;
}
