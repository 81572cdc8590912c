/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/login.h"

#include <stddef.h>

#include "base/err.h"
#include "base/log.h"
#include "fcgi/authn.h"
#include "fcgi/authn_account.h"
#include "fcgi/exchange.h"
#include "fcgi/login_link.h"
#include "fcgi/second_factor.h"
#include "fcgi/session.h"
#include "model/session.h"

static int
check_code(struct exchange *x, const struct login *login, const struct account *account,
	   struct err *err)
{
	int right;

	if (login->code == NULL || login->code[0] == '\0') {
		x->response.refusal = REFUSAL_CREDENTIALS;
		(void)err_set(err, ERR_DENIED, "the code of the second factor is needed as well");
		err_set_key(err, "secondFactorNeeded");
		return -1;
	}
	right = second_factor_check(x, account->id, login->code, err);
	if (right == 0) {
		authn_password_failed(x, login->login);
		return authn_refuse(x, err);
	}
	return right == 1 ? 0 : -1;
}

int
login_check(struct exchange *x, const struct login *login, struct account *out, struct err *err)
{
	if (login->login == NULL || login->password == NULL)
		return err_set(err, ERR_INVALID, "field \"%s\" is missing",
			       login->login == NULL ? "login" : "password");
	if (authn_password(x, login->login, login->password, AUTHN_PASSWORD_AND_CODE, out, err) ==
	    -1)
		return -1;
	if (out->second_factor && check_code(x, login, out, err) == -1)
		return -1;
	/* Who asks for more in a session stays known by that. */
	if (x->identity.kind == IDENTITY_NOBODY)
		authn_account_enter(x, out, "password");
	authn_password_done(x, out);
	return 0;
}

int
login_open(struct exchange *x, const struct login *login, struct err *err)
{
	char text[LOG_VALUE_SIZE];
	struct account account = { .id = 0 };
	int opened;

	if ((login->link != NULL ? login_link_use(x, login->link, &account, err)
				 : login_check(x, login, &account, err)) == -1)
		return -1;
	if (login->link != NULL)
		authn_account_enter(x, &account, "login_link");
	opened = session_open(x, account.id, account.version, err);
	if (opened == -1)
		return -1;
	if (opened == 0)
		return authn_refuse(x, err);
	log_info("logged_in", "req=%s login=\"%s\" addr=%s by=%s", x->request.request_id,
		 log_value(text, account.login), x->request.remote_addr,
		 login->link != NULL ? "link" : "password");
	return 0;
}
