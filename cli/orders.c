/* SPDX-License-Identifier: Apache-2.0 */
/* cli/orders.c: jqm kill, cancel, pause, resume, restart. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "cli/api_client.h"
#include "cli/args.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "model/job_instance.h"
#include "model/memory.h"

/* Give the order to the job named; the exit code. */
static int
give(struct cli *cli, int argc, char **argv,
     int (*order)(struct api *api, int64_t id, struct err *err), const char *done)
{
	struct args args;
	struct err err = ERR_INIT;
	struct api *api;
	int64_t id;
	int code = CLI_OK;

	args_init(&args, cli, argc, argv, NULL, 0);
	if (args_one_job(&args, &id) == -1)
		return args.exit_code;
	api = api_open(cli, &err);
	if (api == NULL || order(api, id, &err) == -1)
		code = cli_fail(cli, &err);
	else if (cli->json)
		(void)printf("{\"id\":%" PRId64 ",\"order\":\"%s\"}\n", id, done);
	api_close(api);
	return code;
}

static int
kill_job(struct api *api, int64_t id, struct err *err)
{
	return api_order(api, "POST", "killed", id, err);
}

static int
cancel_job(struct api *api, int64_t id, struct err *err)
{
	return api_order(api, "POST", "cancelled", id, err);
}

static int
is_running(struct api *api, int64_t id, bool *out, struct err *err)
{
	struct job_instance job;
	struct pool pool;
	int rc;

	pool_init(&pool);
	rc = api_job(api, id, &pool.memory, &job, NULL, err);
	if (rc == 0)
		*out = job.state == JOB_ATTRIBUTED || job.state == JOB_RUNNING;
	pool_free(&pool);
	return rc;
}

/* A job that waits is held, one that runs stands still; it may start between a look and the order. */
static int
look_and_order(struct api *api, const char *method, int64_t id, struct err *err)
{
	for (int tries = 1;; tries++) {
		bool running = false;

		if (is_running(api, id, &running, err) == -1)
			return -1;
		if (api_order(api, method, running ? "running/paused" : "paused", id, err) == 0)
			return 0;
		if (err->kind != ERR_CONFLICT || tries == 2)
			return -1;
	}
}

static int
pause_job(struct api *api, int64_t id, struct err *err)
{
	return look_and_order(api, "POST", id, err);
}

static int
resume_job(struct api *api, int64_t id, struct err *err)
{
	return look_and_order(api, "DELETE", id, err);
}

int
cli_kill(struct cli *cli, int argc, char **argv)
{
	return give(cli, argc, argv, kill_job, "killed");
}

int
cli_cancel(struct cli *cli, int argc, char **argv)
{
	return give(cli, argc, argv, cancel_job, "cancelled");
}

int
cli_pause(struct cli *cli, int argc, char **argv)
{
	return give(cli, argc, argv, pause_job, "paused");
}

int
cli_resume(struct cli *cli, int argc, char **argv)
{
	return give(cli, argc, argv, resume_job, "resumed");
}

int
cli_restart(struct cli *cli, int argc, char **argv)
{
	struct args args;
	struct buf json = BUF_INIT(HTTP_BODY_MAX);
	struct err err = ERR_INIT;
	struct job_instance job;
	struct pool pool;
	struct api *api;
	int64_t id;
	int code = CLI_OK;

	args_init(&args, cli, argc, argv, NULL, 0);
	if (args_one_job(&args, &id) == -1)
		return args.exit_code;
	pool_init(&pool);
	api = api_open(cli, &err);
	if (api == NULL || api_restart(api, id, &pool.memory, &job, &json, &err) == -1)
		code = cli_fail(cli, &err);
	else if (cli->json)
		output_document(stdout, buf_text(&json), json.len);
	else
		(void)printf("%" PRId64 "\n", job.id);
	api_close(api);
	pool_free(&pool);
	buf_free(&json);
	return code;
}
