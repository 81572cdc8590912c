/* SPDX-License-Identifier: Apache-2.0 */
/* cli/jobs.c: jqm jobs. */
#include <inttypes.h>
#include <stdio.h>

#include "base/err.h"
#include "base/num.h"
#include "cli/args.h"
#include "cli/output.h"
#include "cli/server.h"
#include "cli/verbs.h"

enum { STATE_WIDTH = 10, NAME_WIDTH = 22, QUEUE_WIDTH = 10, USER_WIDTH = 8 };

static void
column(const char *text, size_t width)
{
	output_column(stdout, text == NULL ? "" : text, width);
	(void)putchar(' ');
}

/* At most 80 columns while ids have up to 7 digits. */
static void
print_jobs(const struct jqm_jobs *jobs)
{
	int id_width = 7;

	for (size_t i = 0; i < jobs->len; i++) {
		int width = snprintf(NULL, 0, "%" PRId64, jobs->items[i]->id);

		if (width > id_width)
			id_width = width;
	}
	(void)printf("%*s %-*s %-*s %-*s %-*s %s\n", id_width, "JOB", STATE_WIDTH, "STATE",
		     NAME_WIDTH, "DEFINITION", QUEUE_WIDTH, "QUEUE", USER_WIDTH, "USER",
		     "ENQUEUED");
	for (size_t i = 0; i < jobs->len; i++) {
		const struct jqm_job *job = jobs->items[i];

		(void)printf("%*" PRId64 " ", id_width, job->id);
		column(job->state, STATE_WIDTH);
		column(job->application_name, NAME_WIDTH);
		column(job->queue_name, QUEUE_WIDTH);
		column(job->user, USER_WIDTH);
		if (job->enqueued_ms != 0)
			output_time(stdout, job->enqueued_ms * 1000);
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
show_jobs(const struct cli *cli, struct jqm *server, const struct jobs_query *query,
	  struct err *err)
{
	int32_t limit = (int32_t)query->limit;
	struct jqm_error error;
	struct jqm_jobs *jobs = NULL;
	int rc;

	if (query->active)
		rc = jqm_jobs_live(server, limit, &jobs, &error);
	else
		rc = jqm_jobs_newest(server, query->parent, query->before, limit, &jobs, &error);
	if (rc == -1)
		return server_refused(&error, err);
	if (cli->json)
		server_print_answer(server);
	else
		print_jobs(jobs);
	jqm_jobs_free(jobs);
	return 0;
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
	struct err err = ERR_INIT;
	struct jqm *server;
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
	server = server_open(cli, &err);
	if (server == NULL || show_jobs(cli, server, &query, &err) == -1)
		code = cli_fail(cli, &err);
	jqm_free(&server);
	return code;
}
