/* SPDX-License-Identifier: Apache-2.0 */
/* client/enqueue.c: new jobs. */
#include <inttypes.h>
#include <stdio.h>

#include "base/err.h"
#include "client/handle.h"
#include "client/input.h"
#include "codec/doc_json.h"
#include "codec/docs.h"
#include "model/job_request.h"
#include "model/memory.h"
#include "model/schedule.h"

#define REQUESTS_MAX 10000
#define REQUESTS_BYTES_MAX ((size_t)256 * 1024 * 1024)
#define IDS_MAX 100000
#define IDS_BYTES_MAX ((size_t)IDS_MAX * 21 + 2)

/* What the database leaves to whoever calls it. */
static int
check_for_database(const struct job_request *request, struct err *err)
{
	if (text_map_has_secrets(&request->parameters))
		return err_set(
		    err, ERR_INVALID,
		    "a secret parameter is sealed by the web service: it cannot be given "
		    "to the database");
	if (!job_request_is_recurrent(request))
		return 0;
	return schedule_check("recurrence", request->recurrence, request->time_zone,
			      request->day_rule, err);
}

static int
put_request(const struct backend *backend, const struct jqm_request *in, struct memory *memory,
	    struct buf *out, struct err *err)
{
	struct job_request request;

	if (input_request(in, memory, &request, err) == -1 ||
	    (backend->is_database && check_for_database(&request, err) == -1))
		return -1;
	doc_json_write(&job_request_doc, &request, &(struct doc_json_style){ true }, out);
	return 0;
}

static int
ask_body(struct jqm *client, enum verb verb, const char *arg, const struct buf *body,
	 struct buf *answer, struct err *err)
{
	const struct call call = {
		.verb = verb, .args = { arg }, .body = buf_text(body), .body_len = body->len
	};

	if (buf_check(body, err) == -1)
		return -1;
	return handle_ask(client, &call, answer, err);
}

int
jqm_enqueue(struct jqm *client, const struct jqm_request *request, int64_t *id_out,
	    struct jqm_error *error)
{
	struct err err = ERR_INIT;
	const struct backend *backend = handle_backend(client, &err);
	struct buf body = BUF_INIT(REQUESTS_BYTES_MAX), answer = BUF_INIT(0);
	struct pool pool;
	int rc = -1;

	if (backend == NULL)
		return handle_fail(error, &err);
	pool_init(&pool);
	if (id_out == NULL)
		(void)handle_null("id_out", &err);
	else if (put_request(backend, request, &pool.memory, &body, &err) == 0 &&
		 ask_body(client, VERB_ENQUEUE, NULL, &body, &answer, &err) == 0)
		rc = answer_to_order(answer_number(&answer, id_out, &err), &err);
	buf_free(&answer);
	buf_free(&body);
	pool_free(&pool);
	return rc == 0 ? 0 : handle_fail(error, &err);
}

/* The requests as one array; which of them is wrong is told. */
static int
put_requests(const struct backend *backend, const struct jqm_request *const *requests, size_t n,
	     struct memory *memory, struct buf *out, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		buf_putc(out, i == 0 ? '[' : ',');
		if (put_request(backend, requests[i], memory, out, err) == -1)
			return err_prefix(err, "[%zu]", i);
	}
	buf_putc(out, ']');
	return 0;
}

/* Numbers of jobs that were made, at most max: 0, or -1 with ERR_UNCERTAIN. */
static int
take_ids(const struct buf *answer, size_t max, int64_t *ids_out, size_t *n_out, struct err *err)
{
	struct pool pool;
	int64_t *ids;
	size_t n;
	int rc = 0;

	pool_init(&pool);
	if (doc_json_read_ids(buf_text(answer), answer->len, max, &pool.memory, &ids, &n, err) ==
	    -1)
		rc = answer_wrong(err);
	for (size_t i = 0; rc == 0 && i < n; i++)
		ids_out[i] = ids[i];
	if (rc == 0)
		*n_out = n;
	pool_free(&pool);
	return answer_to_order(rc, err);
}

int
jqm_enqueue_all(struct jqm *client, const struct jqm_request *const *requests, size_t n,
		int64_t *ids_out, struct jqm_error *error)
{
	struct err err = ERR_INIT;
	const struct backend *backend = handle_backend(client, &err);
	struct buf body = BUF_INIT(REQUESTS_BYTES_MAX), answer = BUF_INIT(0);
	struct pool pool;
	size_t made = 0;
	int rc = -1;

	if (backend == NULL)
		return handle_fail(error, &err);
	if (n == 0)
		return 0;
	pool_init(&pool);
	if (requests == NULL || ids_out == NULL)
		(void)handle_null(requests == NULL ? "requests" : "ids_out", &err);
	else if (n > REQUESTS_MAX)
		(void)err_set(&err, ERR_TOO_LARGE, "more than %d requests", REQUESTS_MAX);
	else if (put_requests(backend, requests, n, &pool.memory, &body, &err) == 0 &&
		 ask_body(client, VERB_ENQUEUE_ALL, NULL, &body, &answer, &err) == 0)
		rc = take_ids(&answer, n, ids_out, &made, &err);
	if (rc == 0 && made != n) {
		(void)err_set(&err, ERR_INTERNAL,
			      "the server enqueued %zu jobs where %zu were asked for", made, n);
		rc = answer_to_order(-1, &err);
	}
	buf_free(&answer);
	buf_free(&body);
	pool_free(&pool);
	return rc == 0 ? 0 : handle_fail(error, &err);
}

/* One that makes a new job of the one that is named. */
static int
new_one(struct jqm *client, enum verb verb, int64_t id, int64_t *new_id_out,
	struct jqm_error *error)
{
	struct err err = ERR_INIT;
	struct buf answer;
	int rc;

	if (new_id_out == NULL) {
		(void)handle_null("new_id_out", &err);
		return handle_fail(error, &err);
	}
	if (handle_ask_numbers(client, verb, &id, 1, &answer, &err) == -1)
		return handle_fail(error, &err);
	rc = answer_to_order(answer_number(&answer, new_id_out, &err), &err);
	buf_free(&answer);
	return rc == 0 ? 0 : handle_fail(error, &err);
}

int
jqm_enqueue_again(struct jqm *client, int64_t id, int64_t *new_id_out, struct jqm_error *error)
{
	return new_one(client, VERB_ENQUEUE_AGAIN, id, new_id_out, error);
}

int
jqm_restart(struct jqm *client, int64_t id, int64_t *new_id_out, struct jqm_error *error)
{
	return new_one(client, VERB_RESTART, id, new_id_out, error);
}

/* An order to many jobs; the answer is the caller's to read. */
static int
ask_ids(struct jqm *client, enum verb verb, const char *arg, const int64_t *ids, size_t n,
	struct buf *answer, struct err *err)
{
	struct buf body = BUF_INIT(IDS_BYTES_MAX);
	int rc;

	*answer = (struct buf)BUF_INIT(0);
	if (handle_backend(client, err) == NULL)
		return -1;
	if (ids == NULL && n > 0)
		return handle_null("ids", err);
	if (n > IDS_MAX)
		return err_set(err, ERR_TOO_LARGE, "more than %d jobs", IDS_MAX);
	doc_json_write_ids(ids, n, &body);
	rc = ask_body(client, verb, arg, &body, answer, err);
	buf_free(&body);
	return rc;
}

static int
order_all(struct jqm *client, enum verb verb, const char *arg, const int64_t *ids, size_t n,
	  int64_t *done_out, struct jqm_error *error)
{
	struct err err = ERR_INIT;
	struct buf answer;
	int64_t done;
	int rc;

	if (ask_ids(client, verb, arg, ids, n, &answer, &err) == -1)
		return handle_fail(error, &err);
	rc = answer_to_order(answer_number(&answer, &done, &err), &err);
	buf_free(&answer);
	if (rc == -1)
		return handle_fail(error, &err);
	if (done_out != NULL)
		*done_out = done;
	return 0;
}

int
jqm_kill_all(struct jqm *client, const int64_t *ids, size_t n, int64_t *done_out,
	     struct jqm_error *error)
{
	return order_all(client, VERB_KILL_ALL, NULL, ids, n, done_out, error);
}

int
jqm_hold_all(struct jqm *client, const int64_t *ids, size_t n, int64_t *done_out,
	     struct jqm_error *error)
{
	return order_all(client, VERB_HOLD_ALL, NULL, ids, n, done_out, error);
}

int
jqm_release_all(struct jqm *client, const int64_t *ids, size_t n, int64_t *done_out,
		struct jqm_error *error)
{
	return order_all(client, VERB_RELEASE_ALL, NULL, ids, n, done_out, error);
}

int
jqm_set_queue_all(struct jqm *client, const int64_t *ids, size_t n, int64_t queue_id,
		  int64_t *done_out, struct jqm_error *error)
{
	char queue[24];

	(void)snprintf(queue, sizeof(queue), "%" PRId64, queue_id);
	return order_all(client, VERB_SET_QUEUE_ALL, queue, ids, n, done_out, error);
}

int
jqm_enqueue_again_all(struct jqm *client, const int64_t *ids, size_t n, int64_t *new_ids_out,
		      size_t *n_out, struct jqm_error *error)
{
	struct err err = ERR_INIT;
	struct buf answer = BUF_INIT(0);
	int64_t none;
	int rc = -1;

	if (new_ids_out == NULL && n == 0)
		new_ids_out = &none;
	if (n_out == NULL || new_ids_out == NULL)
		(void)handle_null(n_out == NULL ? "n_out" : "new_ids_out", &err);
	else if (ask_ids(client, VERB_ENQUEUE_AGAIN_ALL, NULL, ids, n, &answer, &err) == 0)
		rc = take_ids(&answer, n, new_ids_out, n_out, &err);
	buf_free(&answer);
	return rc == 0 ? 0 : handle_fail(error, &err);
}
