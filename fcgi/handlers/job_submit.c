/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/handlers/job_submit.c: new jobs, from a form or a document. */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "codec/docs.h"
#include "codec/wire_where.h"
#include "db/db.h"
#include "fcgi/audit.h"
#include "fcgi/exchange.h"
#include "fcgi/document.h"
#include "fcgi/guards.h"
#include "fcgi/handlers/handlers.h"
#include "fcgi/idempotency.h"
#include "fcgi/secret_params.h"
#include "model/error_report.h"
#include "model/job_instance.h"
#include "model/job_request.h"
#include "model/memory.h"
#include "model/schedule.h"
#include "model/trace_parent.h"
#include "store/job_instance_store.h"
#include "store/job_together_store.h"
#include "store/schedule_store.h"

/* Requests in one list. */
#define BULK_MAX 10000

static bool
is_empty(const char *text)
{
	return text == NULL || text[0] == '\0';
}

/* A job enqueues its own children, and those of its descendants; an account those of jobs it may see. */
static int
set_parent(struct exchange *x, struct job_request *request, struct err *err)
{
	int64_t parent = request->parent_job_id.value;

	if (parent == 0) {
		if (x->identity.kind == IDENTITY_JOB)
			request->parent_job_id = (struct opt_int64){ true, x->identity.job_id };
		return 0;
	}
	if (exchange_may_see_job(x, parent, err) == 0)
		return 0;
	if (err->kind != ERR_NOT_FOUND)
		return -1;
	if (x->identity.kind != IDENTITY_JOB)
		return err_set(err, ERR_INVALID, "parentJobId: there is no job instance %" PRId64,
			       parent);
	return err_set(err, ERR_DENIED,
		       "job %" PRId64 " may not enqueue a child of job %" PRId64
		       ", which is neither itself nor a descendant",
		       x->identity.job_id, parent);
}

/* A job works for the user it was enqueued for and cannot name another; accounts may. */
static void
set_user(struct exchange *x, struct job_request *request)
{
	if (x->identity.kind == IDENTITY_JOB)
		request->user = x->identity.job_user;
	else if (is_empty(request->user))
		request->user = x->identity.login;
}

/* The account behind it, which nothing in the request can change; a job works for the one it has itself. */
static const char *
submitter(const struct exchange *x)
{
	return x->identity.kind == IDENTITY_JOB ? x->identity.job_submitter : x->identity.login;
}

/* A job may wait for those it may see; any other is to it as if there were none. */
static int
check_waits(struct exchange *x, const struct job_request *request, struct err *err)
{
	for (size_t i = 0; i < request->wait_for.len; i++) {
		struct job_wait wait;

		if (job_wait_parse(request->wait_for.items[i], &wait, err) == -1)
			return -1;
		if (exchange_may_see_job(x, wait.id, err) == 0)
			continue;
		if (err->kind != ERR_NOT_FOUND)
			return -1;
		return err_set(err, ERR_INVALID, "waitFor: there is no job instance %" PRId64,
			       wait.id);
	}
	return 0;
}

/* A request that names no trace belongs to that of its header, if that is well-formed. */
static void
set_trace(struct exchange *x, struct job_request *request)
{
	char trace[TRACE_PARENT_SIZE];

	if (is_empty(request->trace_id) && trace_parent_read(x->request.trace_parent, trace))
		request->trace_id = exchange_strdup(x, trace);
}

/* What all doors have in common before the job is made. */
static int
prepare(struct exchange *x, struct job_request *request, struct err *err)
{
	if (job_request_check(request, err) == -1 || set_parent(x, request, err) == -1 ||
	    check_waits(x, request, err) == -1)
		return -1;
	set_user(x, request);
	set_trace(x, request);
	request->idempotency_owner = idempotency_owner(x);
	request->submitter = submitter(x);
	request->scope = x->scope;
	return secret_params_seal(x, request->application_name, &request->parameters, err);
}

struct submission {
	struct job_request request;
	deferred_answer *answer; /* with this submission, when the job is there */
};

/* The log keeps who asked, whatever user the request names. */
static int
enqueued(struct exchange *x, void *submission, int64_t id, struct err *err)
{
	const struct submission *s = submission;
	char definition[LOG_VALUE_SIZE], user[LOG_VALUE_SIZE], login[LOG_VALUE_SIZE];

	log_info("job_enqueued",
		 "req=%s job=%" PRId64 " definition=\"%s\" user=\"%s\" login=\"%s\"",
		 x->request.request_id, id, log_value(definition, s->request.application_name),
		 log_value(user, s->request.user), log_value(login, x->identity.login));
	return s->answer(x, submission, id, err);
}

/* An ordinary request of an account that is remembered goes with those of others.  False: it is to be enqueued alone. */
static bool
enqueue_together(struct exchange *x, struct submission *submission)
{
	struct buf text = BUF_INIT(TOGETHER_TEXT_SIZE - 1);
	struct job_asker asker = { x->identity.account_id, x->identity.account_stamp, NULL };
	bool put;

	if (x->alone || x->identity.kind != IDENTITY_ACCOUNT ||
	    db_gate_state(x->db) != DB_GATE_SHUT)
		return false;
	asker.actor = audit_actor(x);
	put = job_together_text(&text, &submission->request, &asker) &&
	      deferred_start(x, buf_text(&text), enqueued, submission);
	buf_free(&text);
	return put;
}

static int
submit(struct exchange *x, struct submission *submission, struct err *err)
{
	int64_t id = 0;

	if (prepare(x, &submission->request, err) == -1)
		return -1;
	if (enqueue_together(x, submission))
		return EXCHANGE_DEFERRED;
	if (job_instance_enqueue(x->db, &submission->request, &id, err) == -1)
		return -1;
	return enqueued(x, submission, id, err);
}

/* Fields of the form and the members they mean. */
static const struct {
	const char *form, *member;
} form_fields[] = {
	{ "applicationname", "applicationName" },
	{ "user", "user" },
	{ "module", "module" },
	{ "mail", "email" },
	{ "keyword1", "keyword1" },
	{ "keyword2", "keyword2" },
	{ "keyword3", "keyword3" },
	{ "parentid", "parentJobId" },
	{ "sessionid", "sessionID" },
	{ "maxattempts", "maxAttempts" },
	{ "concurrencykey", "concurrencyKey" },
	{ "idempotencykey", "idempotencyKey" },
};

static bool
is_one_of(const char *name, const char *const *list)
{
	while (*list != NULL && strcmp(*list, name) != 0)
		list++;
	return *list != NULL;
}

/* The n-th value goes with the n-th name; values too many are ignored.  secretParameters: names of those that are. */
static int
read_form_parameters(struct exchange *x, struct text_map *out, struct err *err)
{
	const char *const *names, *const *values, *const *secrets;
	size_t n = 0;

	if (exchange_form_values(x, "parameterNames", &names, err) == -1 ||
	    exchange_form_values(x, "parameterValues", &values, err) == -1 ||
	    exchange_form_values(x, "secretParameters", &secrets, err) == -1)
		return -1;
	while (names[n] != NULL && values[n] != NULL)
		n++;
	if (names[n] != NULL) {
		x->response.error_code = ERROR_CODE_PARAMETER_PAIRS;
		return err_set(err, ERR_INVALID,
			       "there are fewer parameterValues than parameterNames");
	}
	if (n > WIRE_MAP_MAX)
		return err_set(err, ERR_INVALID, "more than %d parameters", WIRE_MAP_MAX);
	text_map_room(out, exchange_memory(x), n);
	for (size_t i = 0; i < n; i++)
		text_map_put_pair(
		    out, &(struct text_pair){ names[i], values[i], is_one_of(names[i], secrets) });
	return 0;
}

/* waitfor, as often as there are jobs to wait for; empty ones are absent, as everywhere in the form. */
static int
read_form_waits(struct exchange *x, struct text_list *out, struct err *err)
{
	const char *const *values;
	size_t n = 0;

	if (exchange_form_values(x, "waitfor", &values, err) == -1)
		return -1;
	while (values[n] != NULL)
		n++;
	out->items = memory_alloc_array(exchange_memory(x), n, sizeof(out->items[0]));
	for (size_t i = 0; i < n; i++)
		if (!is_empty(values[i]))
			out->items[out->len++] = values[i];
	return 0;
}

static int
read_form(struct exchange *x, struct job_request *request, struct err *err)
{
	wire_defaults(&job_request_doc, request);
	for (size_t i = 0; i < sizeof(form_fields) / sizeof(form_fields[0]); i++) {
		const char *form = form_fields[i].form, *member = form_fields[i].member;
		struct wire_where where = { .name = form };
		const char *value;

		if (exchange_form_value(x, form, &value, err) == -1)
			return -1;
		if (!is_empty(value) &&
		    wire_set_from_text(wire_field_named(&job_request_doc, member), request, value,
				       &where, err) == -1)
			return -1;
	}
	if (read_form_parameters(x, &request->parameters, err) == -1 ||
	    read_form_waits(x, &request->wait_for, err) == -1)
		return -1;
	return wire_check(&job_request_doc, request, err);
}

static struct submission *
submission_new(struct exchange *x, deferred_answer *answer)
{
	struct submission *submission = exchange_alloc(x, sizeof(*submission));

	submission->answer = answer;
	return submission;
}

static int
answer_id(struct exchange *x, void *submission, int64_t id, struct err *err)
{
	(void)submission;
	(void)err;
	exchange_answer_text(x, 200, exchange_printf(x, "%" PRId64, id));
	return 0;
}

int
job_submit_form(struct exchange *x, struct err *err)
{
	struct submission *submission = submission_new(x, answer_id);

	if (read_form(x, &submission->request, err) == -1)
		return -1;
	return submit(x, submission, err);
}

/* A request with a recurrence makes a schedule, whose number is answered where a job's would be. */
static int
make_schedule(struct exchange *x, struct job_request *request, int64_t *id_out, struct err *err)
{
	char definition[LOG_VALUE_SIZE];

	if (x->identity.kind == IDENTITY_JOB)
		return err_set(err, ERR_DENIED, "a job's own token makes no schedules");
	if (x->scope != NULL)
		return err_set(err, ERR_DENIED, "a permission with a limit makes no schedules");
	if (job_request_check(request, err) == -1 ||
	    schedule_check("recurrence", request->recurrence, request->time_zone, request->day_rule,
			   err) == -1 ||
	    secret_params_seal(x, request->application_name, &request->parameters, err) == -1 ||
	    schedule_create(x->db, request, id_out, err) == -1)
		return -1;
	log_info("schedule_created", "req=%s schedule=%" PRId64 " definition=\"%s\" login=\"%s\"",
		 x->request.request_id, *id_out, log_value(definition, request->application_name),
		 x->identity.login);
	return 0;
}

/* What became of a request that waits, or was sent before, depends on jobs that may be over by now: look.  False: it cannot be
 * told (a highlander's may be somebody else's), but the job is there. */
static bool
read_back(struct exchange *x, int64_t id, struct job_instance *job)
{
	struct err err = ERR_INIT;

	return exchange_may_see_job(x, id, &err) == 0 &&
	       job_instance_read(x->db, id, exchange_memory(x), job, &err) == 0;
}

static int
answer_job(struct exchange *x, void *submission, int64_t id, struct err *err)
{
	const struct job_request *request = &((struct submission *)submission)->request;
	struct job_instance job = { .position = JOB_POSITION_UNKNOWN };

	job.id = id;
	/* What goes with others is none of these, so the database is needed only where it may be used. */
	if ((request->wait_for.len > 0 || !is_empty(request->idempotency_key)) &&
	    read_back(x, id, &job))
		return document_answer(x, &job_instance_doc, &job, err);
	job.application_name = request->application_name;
	job.parent = request->parent_job_id.value;
	job.user = request->user;
	job.submitted_by = request->submitter;
	job.session_id = request->session_id;
	job.trace_id = request->trace_id;
	job.state = job_request_first_state(request);
	job.wait_for = request->wait_for;
	job.keyword1 = request->keyword1;
	job.keyword2 = request->keyword2;
	job.keyword3 = request->keyword3;
	job.application = request->application;
	job.parameters = text_map_masked(&request->parameters, exchange_memory(x));
	return document_answer(x, &job_instance_doc, &job, err);
}

int
job_submit(struct exchange *x, struct err *err)
{
	struct submission *submission = submission_new(x, answer_job);
	int64_t id = 0;

	if (document_read(x, &job_request_doc, &submission->request, err) == -1)
		return -1;
	if (!job_request_is_recurrent(&submission->request))
		return submit(x, submission, err);
	if (make_schedule(x, &submission->request, &id, err) == -1)
		return -1;
	return answer_job(x, submission, id, err);
}

/* Many requests, all or none; answered with the ids in the same order. */
int
job_submit_all(struct exchange *x, struct err *err)
{
	struct job_request *requests;
	struct wire_items list;
	int64_t *ids;

	if (document_read_list(x, &job_request_doc, &list, err) == -1)
		return -1;
	if (list.len > BULK_MAX)
		return err_set(err, ERR_TOO_LARGE, "%zu requests, at most %d are taken at a time",
			       list.len, BULK_MAX);
	requests = list.items;
	for (size_t i = 0; i < list.len; i++) {
		if (job_request_is_recurrent(&requests[i]))
			return err_set(err, ERR_INVALID,
				       "request [%zu]: a recurrence is not one of many, send it "
				       "alone",
				       i);
		if (prepare(x, &requests[i], err) == -1)
			return err_prefix(err, "request [%zu]", i);
	}
	ids = memory_alloc_array(exchange_memory(x), list.len, sizeof(ids[0]));
	if (job_instance_enqueue_all(x->db, requests, list.len, ids, err) == -1)
		return -1;
	log_info("jobs_enqueued", "req=%s jobs=%zu first=%" PRId64 " login=\"%s\"",
		 x->request.request_id, list.len, list.len > 0 ? ids[0] : 0, x->identity.login);
	return document_answer_ids(x, ids, list.len, err);
}

/* A request to fill in, for scripts. */
int
job_request_sample(struct exchange *x, struct err *err)
{
	struct job_request request;

	wire_defaults(&job_request_doc, &request);
	request.application_name = "appName";
	request.user = "rsapi user";
	request.priority = (struct opt_int64){ true, 0 };
	return document_answer(x, &job_request_doc, &request, err);
}
