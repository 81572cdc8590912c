/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/handlers/job_output.c: logs and files of jobs.  nginx sends the bytes; here is decided who
 * gets which, and said in words why there is nothing: a missing file is 404 with code 8.
 */
#include <inttypes.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "conf/settings.h"
#include "fcgi/exchange.h"
#include "fcgi/document.h"
#include "fcgi/handlers/handlers.h"
#include "fcgi/stored_file.h"
#include "model/deliverable.h"
#include "model/error_report.h"
#include "store/deliverable_store.h"
#include "store/job_instance_store.h"

/* One of the places nginx sends from. */
struct store {
	const char *location; /* as nginx calls it */
	const char *setting; /* the same directory as we see it */
};
static const struct store job_logs = { "/-/joblogs/", "fcgi:joblog_dir" };
static const struct store deliverables = { "/-/deliverables/", "fcgi:delivery_store" };

static int
no_file(struct exchange *x, struct err *err, const char *what, const char *why)
{
	x->response.error_code = ERROR_CODE_NO_FILE;
	return err_set(err, ERR_NOT_FOUND, "%s %s", what, why);
}

/* Send path of store, under file_name, if this is the node that has it.  what: for the refusal. */
static int
answer_file_of(struct exchange *x, const struct store *store, const char *node_name,
	       const char *path, const char *file_name, const char *what, struct err *err)
{
	const char *here = settings_text(x->settings, "node:name");
	const char *directory;

	if (here == NULL || strcmp(here, node_name) != 0)
		return no_file(
		    x, err, what,
		    exchange_printf(x, "is on node \"%s\" and not on this one", node_name));
	if (settings_require(x->settings, store->setting, &directory, err) == -1) {
		err->kind = ERR_INTERNAL;
		return -1;
	}
	if (stored_file_check(directory, path, err) == -1)
		return err->kind == ERR_NOT_FOUND
			   ? no_file(x, err, what, "does not exist (any more)")
			   : -1;
	exchange_answer_file(x, store->location, path, file_name, NULL);
	return 0;
}

/* stream: "stdout" or "stderr" */
static int
answer_log(struct exchange *x, int64_t id, const char *stream, struct err *err)
{
	const char *what = exchange_printf(x, "%s of job instance %" PRId64, stream, id);
	struct job_place place;

	if (exchange_may_see_job(x, id, err) == -1 ||
	    job_instance_place(x->db, id, exchange_memory(x), &place, err) == -1)
		return -1;
	if (place.node_name == NULL)
		return no_file(x, err, what,
			       job_state_is_over(place.state)
				   ? "does not exist: the job never started"
				   : "does not exist: the job has not started yet");
	return answer_file_of(
	    x, &job_logs, place.node_name,
	    exchange_printf(x, "%" PRId64 "/%010" PRId64 ".%s.log", id / 1000, id, stream),
	    exchange_printf(x, "%" PRId64 ".%s.txt", id, stream), what, err);
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

/* asked is how the caller named the file: the answer to who may not see its job is the same as for a
 * file that is not there. */
static int
answer_deliverable(struct exchange *x, const struct deliverable *file, const char *asked,
		   struct err *err)
{
	const char *path = file->file_path;

	if (exchange_may_see_job(x, file->job_id, err) == -1)
		return err->kind == ERR_NOT_FOUND
			   ? err_set(err, ERR_NOT_FOUND, "there is no file %s", asked)
			   : -1;
	if (path[0] == '/' || stored_path_has_dots(path) || strpbrk(path, "\t\r\n") != NULL ||
	    str_control_count(path) != 0)
		return err_set(err, ERR_INTERNAL, "path \"%s\" of file %" PRId64 " is none of ours",
			       path, file->id);
	return answer_file_of(x, &deliverables, file->node_name, path,
			      deliverable_download_name(file, exchange_memory(x)),
			      exchange_printf(x, "file %" PRId64, file->id), err);
}

int
file_by_random_id(struct exchange *x, struct err *err)
{
	struct deliverable file;
	const char *guid;

	if (exchange_query_value(x, "id", &guid, err) == -1)
		return -1;
	if (guid == NULL)
		guid = "";
	if (deliverable_by_random_id(x->db, guid, exchange_memory(x), &file, err) == -1 ||
	    answer_deliverable(x, &file, exchange_printf(x, "\"%s\"", guid), err) == -1) {
		if (err->kind == ERR_NOT_FOUND || err->kind == ERR_INVALID)
			x->response.error_code = ERROR_CODE_NO_FILE;
		return -1;
	}
	return 0;
}

int
file_by_id(struct exchange *x, struct err *err)
{
	struct deliverable file;
	int64_t id;

	if (exchange_path_id(x, 0, &id, err) == -1 ||
	    deliverable_by_id(x->db, id, exchange_memory(x), &file, err) == -1)
		return -1;
	return answer_deliverable(x, &file, exchange_printf(x, "%" PRId64, id), err);
}
