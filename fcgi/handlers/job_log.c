/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/handlers/job_log.c: standard output and error of a job's attempts.  Here is decided who gets
 * which, and said in words why there is none.
 */
#include <inttypes.h>
#include <string.h>

#include "base/err.h"
#include "fcgi/audit.h"
#include "fcgi/exchange.h"
#include "fcgi/handlers/handlers.h"
#include "fcgi/joblog_answer.h"
#include "fcgi/log_mask.h"
#include "fcgi/no_file.h"
#include "fcgi/other_node.h"
#include "store/job_log_store.h"

/* "stdout of attempt 2 of job instance 5" */
static const char *
words(struct exchange *x, const struct joblog_wanted *wanted)
{
	if (wanted->attempt == 0)
		return exchange_printf(x, "%s of job instance %" PRId64, wanted->stream,
				       wanted->job_id);
	return exchange_printf(x, "%s of attempt %" PRId32 " of job instance %" PRId64,
			       wanted->stream, wanted->attempt, wanted->job_id);
}

/* Which node has it?  0; -1 with err: none. */
static int
find_place(struct exchange *x, const struct joblog_wanted *wanted, const char *what,
	   struct job_log_place *place, struct err *err)
{
	if (job_log_place(x->db, wanted->job_id, wanted->attempt, exchange_memory(x), place, err) ==
	    -1)
		return -1;
	if (!place->was)
		return no_file(x, err, what, "does not exist: there was no such attempt");
	if (place->node_name == NULL)
		return no_file(x, err, what,
			       job_state_is_over(place->state)
				   ? "does not exist: the job never started"
				   : "does not exist: the job has not started yet");
	return 0;
}

/* The parameters that say more than which job and which log. */
static int
read_query(struct exchange *x, struct joblog_wanted *wanted, struct err *err)
{
	const char *offsets = NULL;
	int64_t attempt;

	if (exchange_query_int(x, "attempt", 1, INT32_MAX, 0, &attempt, err) == -1 ||
	    exchange_query_value(x, "offsets", &offsets, err) == -1)
		return -1;
	if (offsets != NULL && strcmp(offsets, "written") != 0)
		return err_set(err, ERR_INVALID,
			       "query parameter \"offsets\": \"%.40s\" is not \"written\"",
			       offsets);
	wanted->attempt = (int32_t)attempt;
	wanted->as_written = offsets != NULL;
	return 0;
}

/* It is on another node. */
static int
answer_from(struct exchange *x, const struct joblog_wanted *wanted, const char *node_name,
	    const char *what, struct err *err)
{
	const char *of =
	    wanted->attempt == 0 ? "" : exchange_printf(x, "attempt=%" PRId32, wanted->attempt);
	const char *path =
	    exchange_printf(x, "/ws/node/job/%" PRId64 "/%s?%s%s%s", wanted->job_id, wanted->stream,
			    of, of[0] != '\0' && wanted->as_written ? "&" : "",
			    wanted->as_written ? "offsets=written" : "");

	return other_node_answer(x, node_name, path, what, wanted->file_name, err);
}

static int
answer_log(struct exchange *x, int64_t id, const char *stream, struct err *err)
{
	struct joblog_wanted wanted = { .location = "/-/joblogs/", .job_id = id, .stream = stream };
	struct job_log_place place;
	struct log_mask mask;
	const char *what;
	int rc;

	if (exchange_may_see_job(x, id, err) == -1 || read_query(x, &wanted, err) == -1)
		return -1;
	what = words(x, &wanted);
	if (find_place(x, &wanted, what, &place, err) == -1)
		return -1;
	wanted.file_name =
	    wanted.attempt == 0
		? exchange_printf(x, "%" PRId64 ".%s.txt", id, stream)
		: exchange_printf(x, "%" PRId64 ".%" PRId32 ".%s.txt", id, wanted.attempt, stream);
	if (!other_node_is_here(x, place.node_name))
		return answer_from(x, &wanted, place.node_name, what, err);
	if (exchange_setting(x, "fcgi:joblog_dir", &wanted.directory, err) == -1)
		return -1;
	if (place.has_secrets) {
		if (log_mask_read(x, id, &mask, err) == -1)
			return -1;
		wanted.mask = &mask;
	}
	rc = joblog_answer(x, &wanted, err);
	if (rc == -1 && err->kind == ERR_NOT_FOUND && place.before > 0) {
		/* The newest attempt has not begun, or never did: the log of the one before is the newest. */
		err_clear(err);
		wanted.attempt = place.before;
		if (find_place(x, &wanted, what, &place, err) == -1)
			return -1;
		if (!other_node_is_here(x, place.node_name))
			return answer_from(x, &wanted, place.node_name, what, err);
		rc = joblog_answer(x, &wanted, err);
	}
	if (rc == -1 && err->kind == ERR_NOT_FOUND)
		return no_file(x, err, what, "does not exist (any more)");
	return rc == 0 ? audit_say_read(x, "joblog", id, stream, err) : -1;
}

static int
log_by_query(struct exchange *x, const char *stream, struct err *err)
{
	int64_t id;

	if (exchange_query_int(x, "id", 0, INT64_MAX, 0, &id, err) == -1)
		return -1;
	return answer_log(x, id, stream, err);
}

static int
log_by_path(struct exchange *x, const char *stream, struct err *err)
{
	int64_t id;

	if (exchange_path_id(x, 0, &id, err) == -1)
		return -1;
	return answer_log(x, id, stream, err);
}

int
job_stdout_by_query(struct exchange *x, struct err *err)
{
	return log_by_query(x, "stdout", err);
}

int
job_stderr_by_query(struct exchange *x, struct err *err)
{
	return log_by_query(x, "stderr", err);
}

int
job_stdout(struct exchange *x, struct err *err)
{
	return log_by_path(x, "stdout", err);
}

int
job_stderr(struct exchange *x, struct err *err)
{
	return log_by_path(x, "stderr", err);
}

/* For another node, which has checked that its caller may read it. */
int
job_log_for_node(struct exchange *x, struct err *err)
{
	static const char *const streams[] = { "stdout", "stderr" };

	for (size_t i = 0; i < sizeof(streams) / sizeof(streams[0]); i++)
		if (strcmp(x->path_values[1], streams[i]) == 0)
			return log_by_path(x, streams[i], err);
	return err_set(err, ERR_NOT_FOUND, "there is nothing at path \"%.200s\"", x->request.path);
}
