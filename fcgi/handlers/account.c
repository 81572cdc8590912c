/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/handlers/account.c: what people change of their own account: password and second factor. */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/percent.h"
#include "base/str.h"
#include "codec/docs.h"
#include "crypto/random_token.h"
#include "crypto/totp.h"
#include "fcgi/authn_account.h"
#include "fcgi/document.h"
#include "fcgi/exchange.h"
#include "fcgi/handlers/handlers.h"
#include "fcgi/login.h"
#include "fcgi/password_change.h"
#include "fcgi/second_factor.h"
#include "fcgi/session.h"
#include "model/session.h"
#include "store/account_store.h"
#include "store/second_factor_store.h"

#define URI_MAX 2048

/* The caller proves once more who he is, with what the body says.  If he cannot, 403: consoles take a 401 for the end of
 * the session. */
static int
prove(struct exchange *x, const struct login *given, struct account *out, struct err *err)
{
	struct login login = { .login = x->identity.login,
			       .password = given->password,
			       .code = given->code };
	int rc = login_check(x, &login, out, err);

	if (rc == -1 && x->response.refusal == REFUSAL_CREDENTIALS)
		x->response.refusal = REFUSAL_NONE;
	return rc;
}

int
account_change_password(struct exchange *x, struct err *err)
{
	struct password_change change;
	struct login login = { .login = NULL };
	struct account account;
	const char *hash;
	int64_t version;

	if (document_read(x, &password_change_doc, &change, err) == -1)
		return -1;
	if (change.old_password == NULL || change.new_password == NULL)
		return err_set(err, ERR_INVALID, "field \"%s\" is missing",
			       change.old_password == NULL ? "oldPassword" : "newPassword");
	if (x->identity.account_id == 0)
		return err_set(err, ERR_CONFLICT, "the caller has no account");
	login.password = change.old_password;
	login.code = change.code;
	if (prove(x, &login, &account, err) == -1 ||
	    password_new_hash(x, account.login, change.new_password, &hash, err) == -1 ||
	    account_store_change_password(x->db, account.id, account.hash, hash, &version, err) ==
		-1)
		return -1;
	log_info("password_changed", "req=%s account=%" PRId64, x->request.request_id, account.id);
	/* All sessions have ended; who did it goes on in a new one. */
	if (x->identity.session_id != 0 && session_open(x, account.id, version, err) == -1)
		return -1;
	exchange_answer_empty(x, 204);
	return 0;
}

int
account_second_factor(struct exchange *x, struct err *err)
{
	struct second_factor_row row;
	struct second_factor factor;

	if (second_factor_read(x->db, x->identity.account_id, exchange_memory(x), &row, err) == -1)
		return -1;
	factor = (struct second_factor){ row.confirmed, row.recovery_codes_left };
	return document_answer(x, &second_factor_doc, &factor, err);
}

/* otpauth://totp/JQM:LOGIN?secret=...&issuer=JQM */
static const char *
uri_of(struct exchange *x, const char *login, const char *secret)
{
	struct buf label = BUF_INIT(URI_MAX);
	const char *uri;

	percent_encode(&label, login, "");
	uri = exchange_printf(x, "otpauth://totp/JQM:%s?secret=%s&issuer=JQM", buf_text(&label),
			      secret);
	buf_free(&label);
	return uri;
}

int
account_second_factor_enrol(struct exchange *x, struct err *err)
{
	unsigned char secret[TOTP_SECRET_BYTES];
	char hex[2 * TOTP_SECRET_BYTES + 1], text[TOTP_SECRET_TEXT_SIZE];
	struct second_factor_secret answer;
	struct account account;
	struct login login;
	int done;

	if (document_read(x, &login_doc, &login, err) == -1 ||
	    prove(x, &login, &account, err) == -1)
		return -1;
	if (random_bytes(secret, sizeof(secret)) == -1)
		return err_set(err, ERR_INTERNAL, "the system gives no random bytes");
	str_hex(hex, secret, sizeof(secret));
	totp_secret_text(secret, text);
	done = second_factor_enrol(x->db, account.id, hex, err);
	if (done == 0)
		(void)err_set(err, ERR_CONFLICT, "the account has a second factor already");
	answer.secret = exchange_strdup(x, text);
	answer.uri = uri_of(x, account.login, text);
	explicit_bzero(secret, sizeof(secret));
	explicit_bzero(hex, sizeof(hex));
	explicit_bzero(text, sizeof(text));
	return done == 1 ? document_answer(x, &second_factor_secret_doc, &answer, err) : -1;
}

int
account_second_factor_confirm(struct exchange *x, struct err *err)
{
	const char *codes[RECOVERY_CODES];
	struct recovery_codes answer = { .codes = { .items = codes, .len = RECOVERY_CODES } };
	struct login login;

	if (document_read(x, &login_doc, &login, err) == -1)
		return -1;
	if (login.code == NULL)
		return err_set(err, ERR_INVALID, "field \"code\" is missing");
	if (second_factor_confirm_code(x, x->identity.account_id, login.code, codes, err) == -1)
		return -1;
	log_info("second_factor_set", "req=%s account=%" PRId64, x->request.request_id,
		 x->identity.account_id);
	return document_answer(x, &recovery_codes_doc, &answer, err);
}

static int
drop(struct exchange *x, int64_t account_id, struct err *err)
{
	int done = second_factor_drop(x->db, account_id, err);

	if (done == 0)
		return err_set(err, ERR_NOT_FOUND, "the account has no second factor");
	if (done == -1)
		return -1;
	log_info("second_factor_dropped", "req=%s account=%" PRId64 " by=%" PRId64,
		 x->request.request_id, account_id, x->identity.account_id);
	exchange_answer_empty(x, 204);
	return 0;
}

int
account_second_factor_disable(struct exchange *x, struct err *err)
{
	struct account account;
	struct login login;

	if (document_read(x, &login_doc, &login, err) == -1 ||
	    prove(x, &login, &account, err) == -1)
		return -1;
	return drop(x, account.id, err);
}

/* By an administrator, for somebody who lost the device and the codes. */
int
account_second_factor_drop_of(struct exchange *x, struct err *err)
{
	int64_t account;

	if (exchange_path_id(x, 0, &account, err) == -1)
		return -1;
	if (account == x->identity.account_id)
		return err_set(err, ERR_DENIED,
			       "your own second factor is given up by POST "
			       "/ws/account/totp/disable, which asks for password and code");
	return drop(x, account, err);
}
