/* SPDX-License-Identifier: Apache-2.0 */
/* cli/jobs.c: jqm jobs. */
#include <inttypes.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"
#include "cli/api_client.h"
#include "cli/args.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "codec/wire_object.h"
#include "model/job_instance.h"
#include "model/memory.h"

enum { STATE_WIDTH = 10, NAME_WIDTH = 22, QUEUE_WIDTH = 10, USER_WIDTH = 8 };

static void
column(const char *text, size_t width)
{
	output_column(stdout, text == NULL ? "" : text, width);
	(void)putchar(' ');
}

/* At most 80 columns while ids have up to 7 digits. */
static void
print_jobs(const struct job_instance *jobs, size_t len)
{
	int id_width = 7;

	for (size_t i = 0; i < len; i++) {
		int width = snprintf(NULL, 0, "%" PRId64, jobs[i].id);

		if (width > id_width)
			id_width = width;
	}
	(void)printf("%*s %-*s %-*s %-*s %-*s %s\n", id_width, "JOB", STATE_WIDTH, "STATE",
		     NAME_WIDTH, "DEFINITION", QUEUE_WIDTH, "QUEUE", USER_WIDTH, "USER",
		     "ENQUEUED");
	for (size_t i = 0; i < len; i++) {
		(void)printf("%*" PRId64 " ", id_width, jobs[i].id);
		column(job_state_name(jobs[i].state), STATE_WIDTH);
		column(jobs[i].application_name, NAME_WIDTH);
		column(jobs[i].queue_name, QUEUE_WIDTH);
		column(jobs[i].user, USER_WIDTH);
		if (jobs[i].enqueued_at.set)
			output_time(stdout, jobs[i].enqueued_at.us);
		(void)putchar('\n');
	}
}

/* What was asked for. */
struct jobs_query {
	bool active;
	int64_t limit;
	int64_t before; /* 0: from the newest on */
	int64_t parent; /* 0: any */
};

static int
fetch_jobs(struct api *api, const struct jobs_query *query, struct memory *memory,
	   struct wire_items *out, struct buf *json, struct err *err)
{
	if (query->parent != 0)
		return api_jobs_children(api, query->parent, query->limit, query->before, memory,
					 out, json, err);
	if (query->active)
		return api_jobs_active(api, query->limit, memory, out, json, err);
	return api_jobs_newest(api, query->limit, query->before, memory, out, json, err);
}

int
cli_jobs(struct cli *cli, int argc, char **argv)
{
	enum { ACTIVE, LIMIT, BEFORE, PARENT, OPTIONS_LEN };
	static const struct args_option options[] = { [ACTIVE] = { "active", 'a', false },
						      [LIMIT] = { "limit", 'l', true },
						      [BEFORE] = { "before", 'b', true },
						      [PARENT] = { "parent", 'p', true } };
	struct jobs_query query = { .limit = 50 };
	struct args args;
	struct buf json = BUF_INIT(HTTP_BODY_MAX);
	struct err err = ERR_INIT;
	struct wire_items jobs;
	struct pool pool;
	struct api *api;
	int option, code = CLI_OK;

	args_init(&args, cli, argc, argv, options, OPTIONS_LEN);
	while ((option = args_next(&args)) != ARGS_END) {
		if (option == ARGS_STOP)
			return args.exit_code;
		if (option == ARGS_WORD)
			return cli_usage(cli, "no argument is expected, not \"%s\"", args.value);
		if (option == ACTIVE)
			query.active = true;
		else if (option == LIMIT && num_int64(args.value, 1, 1000, &query.limit) == -1)
			return cli_usage(cli, "--limit must be a number from 1 to 1000, not \"%s\"",
					 args.value);
		else if (option == BEFORE &&
			 num_int64(args.value, 1, INT64_MAX, &query.before) == -1)
			return cli_usage(cli, "--before must be a job id, not \"%s\"", args.value);
		else if (option == PARENT &&
			 num_int64(args.value, 1, INT64_MAX, &query.parent) == -1)
			return cli_usage(cli, "--parent must be a job id, not \"%s\"", args.value);
	}
	if (query.active && (query.before != 0 || query.parent != 0))
		return cli_usage(cli, "--active and --%s exclude each other",
				 query.before != 0 ? "before" : "parent");
	pool_init(&pool);
	api = api_open(cli, &err);
	if (api == NULL || fetch_jobs(api, &query, &pool.memory, &jobs, &json, &err) == -1)
		code = cli_fail(cli, &err);
	else if (cli->json)
		output_document(stdout, buf_text(&json), json.len);
	else
		print_jobs(jobs.items, jobs.len);
	api_close(api);
	pool_free(&pool);
	buf_free(&json);
	return code;
}
