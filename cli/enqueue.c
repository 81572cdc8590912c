/* SPDX-License-Identifier: Apache-2.0 */
/* cli/enqueue.c: jqm enqueue. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/num.h"
#include "base/str.h"
#include "cli/args.h"
#include "cli/job_watch.h"
#include "cli/out_stream.h"
#include "cli/output.h"
#include "cli/server.h"
#include "cli/verbs.h"
#include "conf/password_file.h"
#include "model/job_request.h"
#include "model/memory.h"

#define JSON_BYTES_MAX ((size_t)64 * 1024 * 1024)

static const struct args_option options[] = {
	{ "parameter", 'p', true }, { "queue", 'q', true },      { "priority", 0, true },
	{ "user", 'u', true },      { "keyword1", 0, true },     { "keyword2", 0, true },
	{ "keyword3", 0, true },    { "application", 0, true },  { "module", 0, true },
	{ "session", 0, true },     { "email", 0, true },        { "parent", 0, true },
	{ "run-after", 0, true },   { "held", 0, false },        { "wait", 'w', false },
	{ "follow", 'f', false },   { "cron", 0, true },         { "zone", 0, true },
	{ "wait-for", 0, true },    { "max-attempts", 0, true }, { "concurrency-key", 0, true },
	{ "day-rule", 0, true },    { "overlap", 0, true },      { "misfire", 0, true },
	{ "secret", 0, true },
};
enum {
	PARAMETER,
	QUEUE,
	PRIORITY,
	USER,
	KEYWORD1,
	KEYWORD2,
	KEYWORD3,
	APPLICATION,
	MODULE,
	SESSION,
	EMAIL,
	PARENT,
	RUN_AFTER,
	HELD,
	WAIT,
	FOLLOW,
	CRON,
	ZONE,
	WAIT_FOR,
	MAX_ATTEMPTS,
	CONCURRENCY_KEY,
	DAY_RULE,
	OVERLAP,
	MISFIRE,
	SECRET,
	OPTIONS_LEN
};

struct enqueue {
	struct cli *cli;
	struct pool pool;
	struct jqm_request request;
	struct text_map parameters; /* of it: of two with the same key the later one counts */
	const char **wait_for; /* of it */
	bool wait, follow;
};

/* "key=value" into the request: 0, or -1 (already said). */
static int
add_parameter(struct enqueue *e, const char *text)
{
	const char *equals = strchr(text, '=');

	if (equals == NULL || equals == text) {
		(void)cli_usage(e->cli, "parameter \"%s\" must be KEY=VALUE", text);
		return -1;
	}
	text_map_put(&e->parameters, memory_dup_len(&e->pool.memory, text, (size_t)(equals - text)),
		     equals + 1);
	return 0;
}

/* "key=file" likewise: the value never is in a command line. */
static int
add_secret(struct enqueue *e, const char *text)
{
	const char *equals = strchr(text, '=');
	struct err err = ERR_INIT;
	struct text_pair pair = { .secret = true };
	char *value;

	if (equals == NULL || equals == text || equals[1] == '\0') {
		(void)cli_usage(e->cli, "--secret must be KEY=FILE");
		return -1;
	}
	if ((value = password_file_read(equals + 1, &err)) == NULL) {
		(void)cli_usage(e->cli, "%s", err.text);
		return -1;
	}
	pair.key = memory_dup_len(&e->pool.memory, text, (size_t)(equals - text));
	pair.value = memory_dup(&e->pool.memory, value);
	str_forget(value);
	text_map_put_pair(&e->parameters, &pair);
	return 0;
}

static int
take_number(struct enqueue *e, const char *option, const char *text, int64_t max, int64_t *out)
{
	if (num_int64(text, 1, max, out) == -1) {
		(void)cli_usage(e->cli, "--%s must be a number from 1 to %" PRId64 ", not \"%s\"",
				option, max, text);
		return -1;
	}
	return 0;
}

static int
take_small_number(struct enqueue *e, const char *option, const char *text, int32_t max,
		  int32_t *out)
{
	int64_t number;

	if (take_number(e, option, text, max, &number) == -1)
		return -1;
	*out = (int32_t)number;
	return 0;
}

static int
take_date(struct enqueue *e, const char *text)
{
	int64_t us;

	if (clock_parse(text, &us) == -1) {
		(void)cli_usage(e->cli,
				"--run-after must be a date such as 2026-01-31T22:00:00+01:00 (UTC "
				"without an offset), not \"%s\"",
				text);
		return -1;
	}
	e->request.run_after_ms = us / 1000;
	return 0;
}

static int
add_wait(struct enqueue *e, const char *text)
{
	struct err err = ERR_INIT;
	struct job_wait wait;

	if (job_wait_parse(text, &wait, &err) == -1) {
		(void)cli_usage(e->cli,
				"--wait-for must be a job id, or success:, failure: or end: "
				"and a job id, not \"%s\"",
				text);
		return -1;
	}
	e->wait_for[e->request.wait_for_len++] = text;
	return 0;
}

/* Options with a text that goes into the request as it is. */
static const char **
text_of(struct jqm_request *request, int option)
{
	switch (option) {
	case QUEUE:
		return &request->queue_name;
	case USER:
		return &request->user;
	case KEYWORD1:
		return &request->keyword1;
	case KEYWORD2:
		return &request->keyword2;
	case KEYWORD3:
		return &request->keyword3;
	case APPLICATION:
		return &request->application;
	case MODULE:
		return &request->module;
	case SESSION:
		return &request->session_id;
	case EMAIL:
		return &request->email;
	case CONCURRENCY_KEY:
		return &request->concurrency_key;
	case CRON:
		return &request->recurrence;
	case ZONE:
		return &request->time_zone;
	case DAY_RULE:
		return &request->day_rule;
	case OVERLAP:
		return &request->overlap;
	case MISFIRE:
		return &request->misfire;
	default:
		return NULL;
	}
}

/* One option with its value into e: 0, or -1 (already said). */
static int
take_option(struct enqueue *e, int option, const char *value)
{
	const char **text = text_of(&e->request, option);

	if (text != NULL) {
		*text = value;
		return 0;
	}
	switch (option) {
	case PARAMETER:
		return add_parameter(e, value);
	case SECRET:
		return add_secret(e, value);
	case PRIORITY:
		return take_small_number(e, "priority", value, 10, &e->request.priority);
	case PARENT:
		return take_number(e, "parent", value, INT64_MAX, &e->request.parent_id);
	case MAX_ATTEMPTS:
		return take_small_number(e, "max-attempts", value, 100, &e->request.max_attempts);
	case WAIT_FOR:
		return add_wait(e, value);
	case RUN_AFTER:
		return take_date(e, value);
	case HELD:
		e->request.held = true;
		return 0;
	case FOLLOW:
		e->follow = true;
		e->wait = true;
		return 0;
	default:
		e->wait = true;
		return 0;
	}
}

static void
put_parameters(struct enqueue *e)
{
	size_t len = e->parameters.len;
	struct jqm_parameter *out = memory_alloc_array(&e->pool.memory, len, sizeof(*out));

	for (size_t i = 0; i < len; i++) {
		const struct text_pair *pair = &e->parameters.items[i];

		out[i] = (struct jqm_parameter){ pair->key, pair->value, pair->secret };
	}
	e->request.parameters = out;
	e->request.parameters_len = len;
}

/* The command line into e: -1, or the exit code. */
static int
read_arguments(struct enqueue *e, int argc, char **argv)
{
	struct args args;
	int option;

	text_map_room(&e->parameters, &e->pool.memory, (size_t)argc);
	e->wait_for = memory_alloc_array(&e->pool.memory, (size_t)argc, sizeof(const char *));
	e->request.wait_for = e->wait_for;
	args_init(&args, e->cli, argc, argv, options, OPTIONS_LEN);
	while ((option = args_next(&args)) != ARGS_END) {
		if (option == ARGS_STOP)
			return args.exit_code;
		if (option == ARGS_WORD) {
			if (e->request.application_name != NULL)
				return cli_usage(e->cli,
						 "only one NAME is expected, not also \"%s\"",
						 args.value);
			e->request.application_name = args.value;
		} else if (take_option(e, option, args.value) == -1) {
			return CLI_USAGE;
		}
	}
	if (e->request.application_name == NULL)
		return cli_usage(e->cli, "the NAME of a job definition is missing");
	if (e->request.held && e->request.run_after_ms != 0)
		return cli_usage(e->cli, "--held and --run-after exclude each other");
	if (e->request.recurrence == NULL &&
	    (e->request.time_zone != NULL || e->request.day_rule != NULL ||
	     e->request.overlap != NULL || e->request.misfire != NULL))
		return cli_usage(
		    e->cli,
		    "--zone, --day-rule, --overlap and --misfire are of use with --cron only");
	if (e->request.recurrence != NULL && (e->wait || e->follow))
		return cli_usage(e->cli, "--cron makes a schedule: there is no job to wait for");
	if (e->follow && e->cli->json)
		return cli_usage(e->cli, "--follow and --json exclude each other");
	put_parameters(e);
	return -1;
}

/* Wait for the end of job id: the exit code. */
static int
watch(struct enqueue *e, struct jqm *server, int64_t id)
{
	struct out_stream out, err_out;
	struct job_watch watch = { .cli = e->cli, .server = server, .id = id };
	struct buf json = BUF_INIT(JSON_BYTES_MAX);
	struct jqm_job *job = NULL;
	struct err err = ERR_INIT;
	int code = CLI_END_UNKNOWN;

	(void)fflush(stdout);
	if (e->follow) {
		out_stream_init(&out, STDOUT_FILENO);
		out_stream_init(&err_out, STDERR_FILENO);
		watch.out = &out;
		watch.err_out = &err_out;
	}
	if (job_watch(&watch, &job, &json, &err) == -1) {
		(void)err_prefix(&err, "how job %" PRId64 " ended is not known", id);
		(void)cli_fail(e->cli, &err);
	} else {
		if (e->cli->json)
			output_document(stdout, buf_text(&json), json.len);
		code = job_end_code(e->cli, job);
		jqm_job_free(job);
	}
	buf_free(&json);
	return code;
}

static int
run(struct enqueue *e)
{
	struct err err = ERR_INIT;
	struct jqm *server = server_open(e->cli, &err);
	struct jqm_error error;
	int64_t id;
	int code;

	if (server == NULL)
		return cli_fail(e->cli, &err);
	if (jqm_enqueue(server, &e->request, &id, &error) == -1) {
		(void)server_refused(&error, &err);
		code = cli_fail(e->cli, &err);
	} else {
		if (e->cli->json && !e->wait)
			server_print_answer(server);
		else if (!e->cli->json)
			(void)fprintf(
			    e->follow ? stderr : stdout,
			    e->follow ? "jqm enqueue: job %" PRId64 "\n" : "%" PRId64 "\n", id);
		code = e->wait ? watch(e, server, id) : CLI_OK;
	}
	jqm_free(&server);
	return code;
}

int
cli_enqueue(struct cli *cli, int argc, char **argv)
{
	struct enqueue e = { .cli = cli, .request = JQM_REQUEST_INIT };
	int code;

	pool_init(&e.pool);
	code = read_arguments(&e, argc, argv);
	if (code == -1)
		code = run(&e);
	pool_free(&e.pool);
	return code;
}
