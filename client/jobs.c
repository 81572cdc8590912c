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

#define QUERY_BYTES_MAX ((size_t)8 * 1024 * 1024)

static void
output(struct memory *memory, const void *in, void *out)
{
	output_job(memory, in, out);
}

static const struct document_kind job_kind = { &job_instance_doc, sizeof(struct jqm_job), output };

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
