/* SPDX-License-Identifier: Apache-2.0 */
/* client/files.c: files and logs. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "base/str.h"
#include "client/document.h"
#include "client/handle.h"
#include "client/input.h"
#include "client/output.h"
#include "codec/docs.h"

static void
output(struct memory *memory, const void *in, void *out)
{
	(void)memory;
	output_file(in, out);
}

static const struct document_kind file_kind = { &deliverable_doc, sizeof(struct jqm_file), output,
						0 };

int
jqm_files(struct jqm *client, int64_t id, struct jqm_files **files_out, struct jqm_error *error)
{
	char text[24];
	const struct call call = { .verb = VERB_FILES, .args = { text } };
	struct err err = ERR_INIT;
	void *given = NULL;

	if (files_out == NULL) {
		(void)handle_null("files_out", &err);
		return handle_fail(error, &err);
	}
	(void)snprintf(text, sizeof(text), "%" PRId64, id);
	if (document_list(client, &call, &file_kind, &given, error) == -1)
		return -1;
	*files_out = given;
	return 0;
}

void
jqm_files_free(struct jqm_files *files)
{
	given_free(files);
}

static int
run(struct jqm *client, struct fetch *fetch, struct jqm_error *error)
{
	struct err err = ERR_INIT;
	struct backend *backend = handle_backend(client, &err);

	if (backend != NULL && fetch->sink == NULL) {
		(void)handle_null("sink", &err);
		backend = NULL;
	}
	if (backend != NULL && backend->ops->fetch(backend, fetch, &err) == 0)
		return 0;
	(void)handle_fail(error, &err);
	if (fetch->stopped && error != NULL)
		error->kind = JQM_STOPPED;
	return -1;
}

int
jqm_file_fetch(struct jqm *client, int64_t file_id, jqm_sink *sink, void *arg,
	       struct jqm_error *error)
{
	struct fetch fetch = { .what = FETCH_FILE, .id = file_id, .sink = sink, .arg = arg };

	return run(client, &fetch, error);
}

/* A GUID, or what is asked for as one. */
static bool
is_guid(const char *text)
{
	return text[0] != '\0' && text[strspn(text, "0123456789abcdefABCDEF-")] == '\0';
}

int
jqm_file_get(struct jqm *client, const char *file, jqm_sink *sink, void *arg, char *name,
	     size_t name_size, struct jqm_error *error)
{
	struct fetch fetch = { .what = FETCH_FILE, .sink = sink, .arg = arg };
	struct err err = ERR_INIT;

	if (file == NULL || (name != NULL && name_size == 0)) {
		(void)err_set(&err, ERR_INVALID,
			      file == NULL ? "file is NULL" : "name has no room");
		return handle_fail(error, &err);
	}
	if (num_int64(file, 1, INT64_MAX, &fetch.id) == -1) {
		if (!is_guid(file)) {
			(void)err_set(&err, ERR_INVALID, "\"%.100s\" is no GUID of a file", file);
			return handle_fail(error, &err);
		}
		fetch.guid = file;
	}
	if (run(client, &fetch, error) == -1)
		return -1;
	if (name != NULL)
		(void)str_copy(name, name_size, fetch.name);
	return 0;
}

/* Of which log?  0, or -1 with ERR_INVALID. */
static int
take_log(struct fetch *fetch, enum jqm_log which, struct err *err)
{
	fetch->what = which == JQM_STDERR ? FETCH_STDERR : FETCH_STDOUT;
	if ((which == JQM_STDOUT || which == JQM_STDERR) && fetch->from >= 0 && fetch->attempt >= 0)
		return 0;
	return err_set(err, ERR_INVALID, "there is no such %s",
		       fetch->from < 0      ? "place in a log"
		       : fetch->attempt < 0 ? "attempt"
					    : "log");
}

int
jqm_log_fetch(struct jqm *client, int64_t id, enum jqm_log which, int32_t attempt, int64_t from,
	      jqm_sink *sink, void *arg, int64_t *next_out, struct jqm_error *error)
{
	struct fetch fetch = {
		.id = id, .attempt = attempt, .from = from, .sink = sink, .arg = arg
	};
	struct err err = ERR_INIT;

	if (take_log(&fetch, which, &err) == -1)
		return handle_fail(error, &err);
	if (run(client, &fetch, error) == -1)
		return -1;
	if (next_out != NULL)
		*next_out = fetch.next;
	return 0;
}

int
jqm_log_show(struct jqm *client, int64_t id, enum jqm_log which, int32_t attempt, jqm_sink *sink,
	     void *arg, struct jqm_error *error)
{
	struct fetch fetch = {
		.id = id, .attempt = attempt, .whole = true, .sink = sink, .arg = arg
	};
	struct err err = ERR_INIT;

	if (take_log(&fetch, which, &err) == -1)
		return handle_fail(error, &err);
	return run(client, &fetch, error);
}

/* A place that moves with the bytes. */
struct moving {
	const struct fetch *fetch;
	struct jqm_log_place *place;
	jqm_sink *sink;
	void *arg;
};

static void
tell_place(const struct moving *moving)
{
	const struct fetch *fetch = moving->fetch;
	struct jqm_log_place *place = moving->place;

	if (place->attempt == 0)
		place->attempt = (int32_t)fetch->attempt_read;
	place->next = fetch->next;
	place->newest_attempt = (int32_t)fetch->newest_attempt;
	place->cut = fetch->cut;
	place->written = fetch->written;
}

static int
move_on(void *arg, const void *data, size_t len)
{
	const struct moving *moving = arg;

	tell_place(moving);
	return moving->sink(moving->arg, data, len);
}

int
jqm_log_continue(struct jqm *client, int64_t id, enum jqm_log which, struct jqm_log_place *place,
		 jqm_sink *sink, void *arg, struct jqm_error *error)
{
	struct jqm_log_place from;
	struct fetch fetch = { .id = id, .written = -1 };
	struct moving moving = { &fetch, place, sink, arg };
	struct err err = ERR_INIT;
	int rc;

	if (input_copy(&from, sizeof(from), place, "JQM_LOG_PLACE_INIT", &err) == -1)
		return handle_fail(error, &err);
	fetch.attempt = from.attempt;
	fetch.from = fetch.next = from.next;
	fetch.sink = sink == NULL ? NULL : move_on;
	fetch.arg = &moving;
	if (take_log(&fetch, which, &err) == -1)
		return handle_fail(error, &err);
	rc = run(client, &fetch, error);
	tell_place(&moving);
	return rc;
}

int
jqm_input_give(struct jqm *client, int64_t id, const char *name, const void *data, size_t len,
	       struct jqm_error *error)
{
	char text[24];
	const struct call call = { .verb = VERB_INPUT_GIVE,
				   .args = { text, name },
				   .body = data == NULL ? "" : data,
				   .body_len = len };
	struct err err = ERR_INIT;
	struct buf answer = BUF_INIT(0);
	int64_t file;
	int rc = -1;

	(void)snprintf(text, sizeof(text), "%" PRId64, id);
	if (name == NULL || (data == NULL && len > 0))
		(void)handle_null(name == NULL ? "name" : "data", &err);
	else if (input_utf8("name", name, &err) == 0 &&
		 handle_ask(client, &call, &answer, &err) == 0)
		rc = answer_to_order(answer_number(&answer, &file, &err), &err);
	buf_free(&answer);
	return rc == 0 ? 0 : handle_fail(error, &err);
}
