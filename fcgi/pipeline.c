/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/pipeline.h"

#include <stddef.h>

#include "base/clock.h"
#include "base/err.h"
#include "db/db.h"
#include "fcgi/access_log.h"
#include "fcgi/api_switch.h"
#include "fcgi/audit.h"
#include "fcgi/authn.h"
#include "fcgi/authz.h"
#include "fcgi/conditional.h"
#include "fcgi/error_response.h"
#include "fcgi/exchange.h"
#include "fcgi/idempotency.h"
#include "fcgi/known_account.h"
#include "fcgi/negotiation.h"
#include "fcgi/request.h"
#include "fcgi/response.h"
#include "fcgi/route.h"
#include "fcgi/router.h"
#include "fcgi/same_origin.h"
#include "store/current_names.h"

#define ANSWER_BYTES_MAX ((size_t)256 * 1024 * 1024)

static int
answer_check(struct exchange *x, struct err *err)
{
	if (x->response.status == 0)
		return err_set(err, ERR_INTERNAL, "%s %s gave no answer", x->route->method,
			       x->route->path);
	return buf_check(&x->response.body, err);
}

static int
handler_answer(struct exchange *x, struct err *err)
{
	int rc = x->route->handler(x, err);

	return rc == 0 ? answer_check(x, err) : rc;
}

static int
handler_call(struct exchange *x, struct err *err)
{
	/* What these do before their first statement can be dropped. */
	x->begun = (x->route->limits & ROUTE_ONE_STATEMENT) == 0;
	if (!idempotency_wanted(x))
		return handler_answer(x, err);
	x->alone = true; /* its key, what it does and its answer are one transaction */
	return idempotency_run(x, handler_answer, err);
}

/* The connection knows of whoever came before, and of what that wanted. */
static int
nobody_yet(struct exchange *x, struct err *err)
{
	(void)err;
	audit_say_who(x);
	current_names_for(0, 0);
	db_set_patience(x->db, router_patience_s(x) * 1000);
	return 0;
}

/* Each step returns 0: go on; 1: answered; -1: failed, with err; EXCHANGE_DEFERRED. */
static int (*const steps[])(struct exchange *x, struct err *err) = {
	request_read, /* FastCGI params -> x->request */
	nobody_yet, /* a trail of what the database is told from here on */
	same_origin_check, /* not an order of another site's page */
	api_switch_read, /* which parts of the API are turned off */
	router_match, /* -> x->route and path values, or "no such path", kept until we know who asks */
	authn_identify, /* login and password -> x->identity */
	router_require, /* now 404 and 405 may be said */
	authz_permit, /* x->route->permission within x->identity? */
	request_read_body, /* not before it is known that the caller may send one */
	negotiation_check, /* media types in and out */
	handler_call, /* store + codec -> x->response */
	conditional_check, /* 304 for who has it already */
};

#define STEPS (sizeof(steps) / sizeof(steps[0]))

static int
run_from(struct exchange *x, size_t step, struct err *err)
{
	int rc = 0;

	for (; step < STEPS && rc == 0; step++)
		rc = steps[step](x, err);
	return rc;
}

static size_t
step_of(int (*step)(struct exchange *x, struct err *err))
{
	size_t i = 0;

	while (steps[i] != step)
		i++;
	return i;
}

static int
run_again(struct exchange *x, struct err *err)
{
	err_clear(err);
	return run_from(x, step_of(authn_identify), err);
}

/*
 * An answer, good or bad, by rights that this worker remembered counts only if they are still the same.  If they
 * are not, nothing was done in the database: the caller is asked for anew who he is, and answered again.
 */
static int
run(struct exchange *x, size_t step, struct err *err)
{
	struct err gate = ERR_INIT;
	int rc = run_from(x, step, err);

	/* Whoever does it asks whether they are. */
	if (rc == EXCHANGE_DEFERRED || db_gate_pass(x->db, &gate) == 0)
		return rc;
	if (db_gate_state(x->db) != DB_GATE_REFUSED) {
		/* What the step that failed says is nearer to it. */
		if (rc != -1)
			*err = gate;
		return -1;
	}
	db_gate_clear(x->db);
	known_account_forget(x->remembered);
	exchange_drop_answer(x);
	x->read_anew = true;
	return run_again(x, err);
}

static enum pipeline_state
end(struct exchange *x, int rc, struct err *err)
{
	x->begun = true;
	if (rc == -1)
		error_response_build(x, err);
	response_send(x);
	audit_say_refused(x, err);
	access_log_write(x, err);
	if (x->response.stream != NULL)
		x->response.stream->close(x->response.stream);
	buf_free(&x->response.body);
	return PIPELINE_ENDED;
}

static enum pipeline_state
run_to_end(struct exchange *x, size_t step)
{
	struct err err = ERR_INIT;
	int rc = run(x, step, &err);

	db_gate_clear(x->db);
	if (rc == EXCHANGE_DEFERRED)
		return PIPELINE_DEFERRED;
	if (!x->put_off)
		return end(x, rc, &err);
	exchange_drop_answer(x);
	return PIPELINE_PUT_OFF;
}

enum pipeline_state
pipeline_run(struct exchange *x)
{
	x->started_ms = clock_mono_ms();
	x->identity.login = "";
	x->response.body = (struct buf)BUF_INIT(ANSWER_BYTES_MAX);
	return run_to_end(x, 0);
}

int
pipeline_put_off(struct exchange *x, struct err *err)
{
	if (x->begun && !x->put_off)
		return 0;
	x->put_off = true;
	return err_set(err, ERR_BUSY, "others use the database first");
}

enum pipeline_state
pipeline_run_again(struct exchange *x)
{
	x->put_off = false;
	return run_to_end(x, step_of(nobody_yet));
}

/* The handler, the second half; what comes behind it. */
static int
answer_deferred(struct exchange *x, struct err *err)
{
	if (x->deferred.answer(x, x->deferred.arg, x->deferred.result, err) == -1 ||
	    answer_check(x, err) == -1)
		return -1;
	return run_from(x, step_of(handler_call) + 1, err);
}

static int
run_alone(struct exchange *x, struct err *err)
{
	int rc;

	exchange_drop_answer(x);
	x->alone = true;
	rc = run(x, step_of(nobody_yet), err);
	db_gate_clear(x->db);
	return rc;
}

enum pipeline_state
pipeline_go_on(struct exchange *x, bool database_is_free)
{
	struct err err = ERR_INIT;
	int rc = -1;

	switch (deferred_look(x)) {
	case TOGETHER_WAITS:
		return PIPELINE_DEFERRED;
	case TOGETHER_LEFT:
		if (!database_is_free)
			return PIPELINE_DEFERRED;
		rc = run_alone(x, &err);
		break;
	case TOGETHER_UNKNOWN:
		(void)err_set(&err, ERR_UNCERTAIN,
			      "the answer of the database was lost; it may have been done");
		break;
	case TOGETHER_DONE:
		rc = answer_deferred(x, &err);
		break;
	}
	return end(x, rc, &err);
}
