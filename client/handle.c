/* SPDX-License-Identifier: Apache-2.0 */
#include "client/handle.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "base/str.h"
#include "client/http_client.h"
#include "client/input.h"
#include "codec/doc_json.h"
#include "model/memory.h"
#include "model/version.h"

#define NUMBER_SIZE 24
#define PATIENCE_MAX_S (24u * 3600)

/* The kinds outside are those inside, by number. */
_Static_assert((int)JQM_INVALID == (int)ERR_INVALID && (int)JQM_DENIED == (int)ERR_DENIED &&
		   (int)JQM_NOT_FOUND == (int)ERR_NOT_FOUND &&
		   (int)JQM_CONFLICT == (int)ERR_CONFLICT && (int)JQM_STALE == (int)ERR_STALE &&
		   (int)JQM_TOO_LARGE == (int)ERR_TOO_LARGE && (int)JQM_BUSY == (int)ERR_BUSY &&
		   (int)JQM_UNCERTAIN == (int)ERR_UNCERTAIN &&
		   (int)JQM_INTERNAL == (int)ERR_INTERNAL,
	       "a kind has another number outside");

struct jqm {
	struct backend *backend; /* NULL: closed */
	bool keeps_answers;
	struct buf answer; /* to the last call; empty: there is none */
};

const char *
jqm_kind_name(int32_t kind)
{
	static const char *const names[] = {
		"ok",        "invalid", "denied",    "not found", "conflict", "stale",
		"too large", "not now", "uncertain", "internal",  "stopped",
	};

	if (kind < 0 || (size_t)kind >= sizeof(names) / sizeof(names[0]))
		return "unknown";
	return names[kind];
}

const char *
jqm_version(void)
{
	return JQM_VERSION;
}

/* It goes to the server in a line of its own. */
static int
check_program(const char *program, struct err *err)
{
	for (const char *c = program; c != NULL && *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			return err_set(err, ERR_INVALID, "program: only printable ASCII will do");
	return 0;
}

static bool
is_one_of(const char *url, const char *const *prefixes)
{
	for (; *prefixes != NULL; prefixes++)
		if (str_starts(url, *prefixes))
			return true;
	return false;
}

/* The way the address means.  A connection string may have anything in it, also what looks like another address. */
static struct backend *
backend_of(const char *url, const struct jqm_options *options, struct err *err)
{
	static const char *const web[] = { "http://", "https://", NULL };
	static const char *const database[] = { "postgresql://", "postgres://", NULL };

	if (is_one_of(url, web))
		return web_backend_new(url, options, err);
	if (is_one_of(url, database) || strchr(url, '=') != NULL)
		return db_backend_new(url, options, err);
	(void)err_set(err, ERR_INVALID,
		      "the address is neither https://... nor one of a database, such as "
		      "postgresql://host/jqm");
	return NULL;
}

int
jqm_open(const char *url, const struct jqm_options *options, struct jqm **client_out,
	 struct jqm_error *error)
{
	struct jqm_options given = JQM_OPTIONS_INIT;
	struct err err = ERR_INIT;
	struct backend *backend;
	struct jqm *client;

	if (client_out == NULL || url == NULL) {
		(void)handle_null(url == NULL ? "url" : "client_out", &err);
		return handle_fail(error, &err);
	}
	if ((options != NULL &&
	     input_copy(&given, sizeof(given), options, "JQM_OPTIONS_INIT", &err) == -1) ||
	    check_program(given.program, &err) == -1)
		return handle_fail(error, &err);
	if (given.patience_s > PATIENCE_MAX_S) {
		(void)err_set(&err, ERR_INVALID, "patience_s: more than a day");
		return handle_fail(error, &err);
	}
	if (given.program == NULL)
		given.program = "libjqm/" JQM_VERSION;
	backend = backend_of(url, &given, &err);
	if (backend == NULL)
		return handle_fail(error, &err);
	client = calloc(1, sizeof(*client));
	if (client == NULL)
		abort();
	client->backend = backend;
	client->answer = (struct buf)BUF_INIT(ANSWER_BYTES_MAX);
	*client_out = client;
	return 0;
}

void
jqm_close(struct jqm *client)
{
	if (client == NULL || client->backend == NULL)
		return;
	client->backend->ops->free(client->backend);
	client->backend = NULL;
	buf_free(&client->answer);
}

void
jqm_free(struct jqm **client)
{
	if (client == NULL)
		return;
	jqm_close(*client);
	free(*client);
	*client = NULL;
}

struct backend *
handle_backend(struct jqm *client, struct err *err)
{
	if (client != NULL && client->backend != NULL) {
		buf_free(&client->answer);
		return client->backend;
	}
	(void)err_set(err, ERR_INVALID, client == NULL ? "client is NULL" : "the handle is closed");
	return NULL;
}

int
handle_fail(struct jqm_error *error, const struct err *err)
{
	if (error != NULL) {
		error->kind = (int32_t)err->kind;
		(void)str_copy(error->text, sizeof(error->text), err->text);
	}
	return -1;
}

int
handle_null(const char *name, struct err *err)
{
	return err_set(err, ERR_INVALID, "%s is NULL", name);
}

void
handle_answer(struct jqm *client, const struct buf *answer)
{
	buf_free(&client->answer);
	if (client->keeps_answers)
		buf_append(&client->answer, buf_text(answer), answer->len);
}

int
handle_ask(struct jqm *client, const struct call *call, struct buf *answer, struct err *err)
{
	struct backend *backend = handle_backend(client, err);

	*answer = (struct buf)BUF_INIT(ANSWER_BYTES_MAX);
	if (backend == NULL)
		return -1;
	if (backend->ops->call(backend, call, answer, err) == -1) {
		buf_free(answer);
		return -1;
	}
	handle_answer(client, answer);
	return 0;
}

int
jqm_keep_answers(struct jqm *client, bool keep, struct jqm_error *error)
{
	struct err err = ERR_INIT;

	if (handle_backend(client, &err) == NULL)
		return handle_fail(error, &err);
	client->keeps_answers = keep;
	return 0;
}

const char *
jqm_answer(const struct jqm *client, size_t *len_out)
{
	bool has = client != NULL && client->answer.len > 0;

	if (len_out != NULL)
		*len_out = has ? client->answer.len : 0;
	return has ? buf_text(&client->answer) : NULL;
}

int
handle_ask_numbers(struct jqm *client, enum verb verb, const int64_t *numbers, size_t n,
		   struct buf *answer, struct err *err)
{
	char texts[VERB_ARGS_MAX][NUMBER_SIZE];
	struct call call = { .verb = verb };

	*answer = (struct buf)BUF_INIT(0);
	/* The first is a name, the second a value; of neither way's server it would be a negative one. */
	if (n > 1 && numbers[1] < 0 && handle_backend(client, err) != NULL)
		return err_set(err, ERR_INVALID, "%" PRId64 " is negative", numbers[1]);
	for (size_t i = 0; i < n; i++) {
		(void)snprintf(texts[i], NUMBER_SIZE, "%" PRId64, numbers[i]);
		call.args[i] = texts[i];
	}
	return handle_ask(client, &call, answer, err);
}

int
handle_order(struct jqm *client, enum verb verb, const int64_t *numbers, size_t n,
	     struct jqm_error *error)
{
	struct err err = ERR_INIT;
	struct buf answer;

	if (handle_ask_numbers(client, verb, numbers, n, &answer, &err) == -1)
		return handle_fail(error, &err);
	buf_free(&answer);
	return 0;
}

int
answer_wrong(struct err *err)
{
	err->kind = ERR_INTERNAL;
	return err_prefix(err, "the server's answer is not understood");
}

int
answer_to_order(int rc, struct err *err)
{
	return rc == 0 ? 0 : http_uncertain(err);
}

int
answer_number(const struct buf *answer, int64_t *out, struct err *err)
{
	struct only_id {
		int64_t id;
	} object = { 0 };
	static const struct wire_field fields[] = {
		WIRE_ROW_INT64(struct only_id, id, "id", "of whatever it is"),
	};
	static const struct wire_object type = WIRE_OBJECT(only_id, fields, "a number");
	const char *text = buf_text(answer);
	struct pool pool;
	int rc = 0;

	if (text[0] != '{') {
		if (num_int64(text, 0, INT64_MAX, out) == 0)
			return 0;
		(void)err_set(err, ERR_INTERNAL, "it is no number");
		return answer_wrong(err);
	}
	pool_init(&pool);
	if (doc_json_read(&type, text, answer->len, &pool.memory, &object, err) == -1)
		rc = answer_wrong(err);
	else if (object.id <= 0) {
		(void)err_set(err, ERR_INTERNAL, "it has no id");
		rc = answer_wrong(err);
	}
	pool_free(&pool);
	if (rc == 0)
		*out = object.id;
	return rc;
}
