/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/handlers/session.c: log in and out by JSON; sessions seen and ended. */
#include <inttypes.h>

#include "base/err.h"
#include "base/log.h"
#include "codec/docs.h"
#include "fcgi/document.h"
#include "fcgi/exchange.h"
#include "fcgi/handlers/handlers.h"
#include "fcgi/login.h"
#include "fcgi/session.h"
#include "model/session.h"
#include "store/account_store.h"
#include "store/session_store.h"

int
session_login(struct exchange *x, struct err *err)
{
	struct login login = { .login = NULL };

	if (document_read(x, &login_doc, &login, err) == -1 || login_open(x, &login, err) == -1)
		return -1;
	exchange_answer_empty(x, 204);
	return 0;
}

int
session_logout(struct exchange *x, struct err *err)
{
	if (x->identity.session_id == 0)
		return err_set(err, ERR_CONFLICT, "this request came in no session");
	if (session_close(x, err) == -1)
		return -1;
	exchange_answer_empty(x, 204);
	return 0;
}

static int
answer_list(struct exchange *x, int64_t account_id, struct err *err)
{
	struct session_list list;

	if (session_list(x->db, account_id, x->identity.session_id, exchange_memory(x), &list,
			 err) == -1)
		return -1;
	return document_answer_list(x, &session_doc, list.items, list.len, err);
}

static int
end_all(struct exchange *x, int64_t account_id, struct err *err)
{
	int64_t count;

	if (session_end_all(x->db, account_id, &count, err) == -1)
		return -1;
	log_info("sessions_ended", "req=%s account=%" PRId64 " count=%" PRId64 " by=%" PRId64,
		 x->request.request_id, account_id, count, x->identity.account_id);
	exchange_answer_empty(x, 204);
	return 0;
}

int
session_list_own(struct exchange *x, struct err *err)
{
	return answer_list(x, x->identity.account_id, err);
}

int
session_end_own(struct exchange *x, struct err *err)
{
	int64_t id, count;

	if (exchange_path_id(x, 0, &id, err) == -1 ||
	    session_end(x->db, x->identity.account_id, id, &count, err) == -1)
		return -1;
	if (count == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no session %" PRId64, id);
	exchange_answer_empty(x, 204);
	return 0;
}

int
session_end_all_own(struct exchange *x, struct err *err)
{
	return end_all(x, x->identity.account_id, err);
}

int
session_list_of(struct exchange *x, struct err *err)
{
	int64_t account;

	if (exchange_path_id(x, 0, &account, err) == -1 ||
	    account_store_check(x->db, account, err) == -1)
		return -1;
	return answer_list(x, account, err);
}

int
session_end_all_of(struct exchange *x, struct err *err)
{
	int64_t account;

	if (exchange_path_id(x, 0, &account, err) == -1 ||
	    account_store_check(x->db, account, err) == -1)
		return -1;
	return end_all(x, account, err);
}
