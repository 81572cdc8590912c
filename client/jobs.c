/* SPDX-License-Identifier: Apache-2.0 */
/* client/jobs.c: what is known of jobs, and what is said of them. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "client/document.h"
#include "client/handle.h"
#include "client/input.h"
#include "client/output.h"
#include "codec/doc_json.h"
#include "codec/docs.h"
#include "model/job_query.h"
#include "model/memory.h"

#define LIST_MAX 1000
#define QUERY_BYTES_MAX ((size_t)8 * 1024 * 1024)

static void
output(struct memory *memory, const void *in, void *out)
{
	output_job(memory, in, out);
}

static const struct document_kind job_kind = { &job_instance_doc, sizeof(struct jqm_job), output,
					       sizeof(struct jqm_jobs) };

int
jqm_job_read(struct jqm *client, int64_t id, struct jqm_job **job_out, struct jqm_error *error)
{
	char text[24];
	const struct call call = { .verb = VERB_JOB, .args = { text } };
	struct err err = ERR_INIT;
	void *given = NULL;

	if (job_out == NULL) {
		(void)handle_null("job_out", &err);
		return handle_fail(error, &err);
	}
	(void)snprintf(text, sizeof(text), "%" PRId64, id);
	if (document_one(client, &call, &job_kind, &given, error) == -1)
		return -1;
	*job_out = given;
	return 0;
}

void
jqm_job_free(struct jqm_job *job)
{
	given_free(job);
}

/* The question as JSON: 0 and out, or -1 with err. */
static int
put_query(const struct jqm_query *in, struct buf *out, struct err *err)
{
	struct job_query query;
	struct pool pool;
	int rc;

	pool_init(&pool);
	rc = input_query(in, &pool.memory, &query, err);
	if (rc == 0) {
		doc_json_write(&job_query_doc, &query, &(struct doc_json_style){ true }, out);
		rc = buf_check(out, err);
	}
	pool_free(&pool);
	return rc;
}

static struct jqm_jobs *
take_jobs(const struct buf *answer, bool counted, struct err *err)
{
	struct jqm_jobs *jobs = given_new(sizeof(*jobs));
	struct memory *memory = given_memory(jobs);
	struct job_query read;
	struct wire_items found;
	const struct jqm_job *const *items;

	if (document_read(&job_query_doc, answer, memory, &read, err) == -1) {
		given_free(jobs);
		return NULL;
	}
	found = (struct wire_items){ read.instances.items, read.instances.len };
	items = (const struct jqm_job *const *)document_items(&job_kind, &found, memory);
	jobs->len = found.len;
	jobs->items = items;
	jobs->total = -1;
	if (counted)
		jobs->total = read.total.set ? read.total.value : (int64_t)found.len;
	return jobs;
}

int
jqm_jobs_read(struct jqm *client, const struct jqm_query *query, struct jqm_jobs **jobs_out,
	      struct jqm_error *error)
{
	struct buf body = BUF_INIT(QUERY_BYTES_MAX), answer = BUF_INIT(0);
	struct call call = { .verb = VERB_QUERY };
	struct jqm_jobs *jobs = NULL;
	struct err err = ERR_INIT;

	if (handle_backend(client, &err) == NULL)
		return handle_fail(error, &err);
	if (jobs_out == NULL) {
		(void)handle_null("jobs_out", &err);
	} else if (put_query(query, &body, &err) == 0) {
		call.body = buf_text(&body);
		call.body_len = body.len;
		if (handle_ask(client, &call, &answer, &err) == 0)
			jobs = take_jobs(&answer, query->count, &err);
	}
	buf_free(&answer);
	buf_free(&body);
	if (jobs == NULL)
		return handle_fail(error, &err);
	*jobs_out = jobs;
	return 0;
}

void
jqm_jobs_free(struct jqm_jobs *jobs)
{
	given_free(jobs);
}

/* A list that the server has ready, of at most the first of n_numbers. */
static int
list_jobs(struct jqm *client, enum verb verb, const int64_t *numbers, size_t n_numbers,
	  struct jqm_jobs **jobs_out, struct jqm_error *error)
{
	char texts[VERB_ARGS_MAX][24];
	struct call call = { .verb = verb };
	struct err err = ERR_INIT;
	struct jqm_jobs *jobs;
	void *given = NULL;

	if (jobs_out == NULL) {
		(void)handle_null("jobs_out", &err);
		return handle_fail(error, &err);
	}
	if (numbers[0] < 1 || numbers[0] > LIST_MAX) {
		(void)err_set(&err, ERR_INVALID, "n is outside 1 to %d", LIST_MAX);
		return handle_fail(error, &err);
	}
	for (size_t i = 0; i < n_numbers; i++) {
		(void)snprintf(texts[i], sizeof(texts[i]), "%" PRId64, numbers[i]);
		call.args[i] = texts[i];
	}
	if (document_list(client, &call, &job_kind, &given, error) == -1)
		return -1;
	jobs = given;
	jobs->total = -1;
	*jobs_out = jobs;
	return 0;
}

int
jqm_jobs_newest(struct jqm *client, int64_t parent_id, int64_t before_id, int32_t n,
		struct jqm_jobs **jobs_out, struct jqm_error *error)
{
	const int64_t numbers[] = { n, before_id == 0 ? INT64_MAX : before_id, parent_id };
	struct err err = ERR_INIT;

	if (before_id < 0 || parent_id < 0) {
		(void)err_set(&err, ERR_INVALID, "%s is negative",
			      before_id < 0 ? "before_id" : "parent_id");
		return handle_fail(error, &err);
	}
	return parent_id == 0
		   ? list_jobs(client, VERB_JOBS_NEWEST, numbers, 2, jobs_out, error)
		   : list_jobs(client, VERB_CHILDREN_NEWEST, numbers, 3, jobs_out, error);
}

int
jqm_jobs_live(struct jqm *client, int32_t n, struct jqm_jobs **jobs_out, struct jqm_error *error)
{
	return list_jobs(client, VERB_JOBS_LIVE, &(int64_t){ n }, 1, jobs_out, error);
}

int
jqm_messages(struct jqm *client, int64_t id, struct jqm_texts **texts_out, struct jqm_error *error)
{
	struct err err = ERR_INIT;
	struct jqm_texts *texts;
	struct text_list list;
	struct buf answer;

	if (texts_out == NULL) {
		(void)handle_null("texts_out", &err);
		return handle_fail(error, &err);
	}
	if (handle_ask_numbers(client, VERB_MESSAGES, &id, 1, &answer, &err) == -1)
		return handle_fail(error, &err);
	texts = given_new(sizeof(*texts));
	if (document_read_texts(&answer, given_memory(texts), &list, &err) == 0) {
		texts->len = list.len;
		texts->items = list.items;
	} else {
		given_free(texts);
		texts = NULL;
	}
	buf_free(&answer);
	if (texts == NULL)
		return handle_fail(error, &err);
	*texts_out = texts;
	return 0;
}

void
jqm_texts_free(struct jqm_texts *texts)
{
	given_free(texts);
}

int
jqm_progress(struct jqm *client, int64_t id, int64_t *progress_out, struct jqm_error *error)
{
	struct err err = ERR_INIT;
	struct jqm_job *job;

	if (progress_out == NULL) {
		(void)handle_null("progress_out", &err);
		return handle_fail(error, &err);
	}
	if (jqm_job_read(client, id, &job, error) == -1)
		return -1;
	*progress_out = job->progress;
	jqm_job_free(job);
	return 0;
}

int
jqm_say(struct jqm *client, int64_t id, const char *text, struct jqm_error *error)
{
	char number[24];
	struct call call = { .verb = VERB_SAY, .args = { number }, .body = text };
	struct err err = ERR_INIT;
	struct buf answer = BUF_INIT(0);
	int rc = -1;

	(void)snprintf(number, sizeof(number), "%" PRId64, id);
	if (text == NULL) {
		(void)handle_null("text", &err);
	} else if (input_utf8("text", text, &err) == 0) {
		call.body_len = strlen(text);
		rc = handle_ask(client, &call, &answer, &err);
	}
	buf_free(&answer);
	return rc == 0 ? 0 : handle_fail(error, &err);
}
