/* SPDX-License-Identifier: Apache-2.0 */
/* cli/orders.c: jqm kill, cancel, pause, resume, restart. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "cli/cli.h"
#include "cli/one_job.h"
#include "cli/server.h"
#include "cli/verbs.h"

typedef int order_call(struct jqm *server, int64_t id, struct jqm_error *error);

/* Give it; what was done is what --json says. */
static int
give(struct one_job *job, order_call *order, const char *done, struct err *err)
{
	struct jqm_error error;

	if (order(job->server, job->id, &error) == -1)
		return server_refused(&error, err);
	buf_printf(&job->json, "{\"id\":%" PRId64 ",\"order\":\"%s\"}", job->id, done);
	return 0;
}

static int
is_running(struct one_job *one, bool *out, struct err *err)
{
	struct jqm_error error;
	struct jqm_job *job = NULL;

	if (jqm_job_read(one->server, one->id, &job, &error) == -1)
		return server_refused(&error, err);
	*out = strcmp(job->state, JQM_ATTRIBUTED) == 0 || strcmp(job->state, JQM_RUNNING) == 0;
	jqm_job_free(job);
	return 0;
}

/* A job that waits is held, one that runs stands still; it may start between a look and the order. */
static int
look_and_give(struct one_job *job, order_call *to_running, order_call *to_waiting, const char *done,
	      struct err *err)
{
	for (int tries = 1;; tries++) {
		bool running = false;

		if (is_running(job, &running, err) == -1)
			return -1;
		if (give(job, running ? to_running : to_waiting, done, err) == 0)
			return 0;
		if (err->kind != ERR_CONFLICT || tries == 2)
			return -1;
	}
}

static int
kill_job(struct one_job *job, struct err *err)
{
	return give(job, jqm_kill, "killed", err);
}

static int
cancel_job(struct one_job *job, struct err *err)
{
	return give(job, jqm_cancel, "cancelled", err);
}

static int
pause_job(struct one_job *job, struct err *err)
{
	return look_and_give(job, jqm_pause, jqm_hold, "paused", err);
}

static int
resume_job(struct one_job *job, struct err *err)
{
	return look_and_give(job, jqm_resume, jqm_release, "resumed", err);
}

static int
restart_job(struct one_job *job, struct err *err)
{
	struct jqm_error error;
	int64_t id;

	if (jqm_restart(job->server, job->id, &id, &error) == -1)
		return server_refused(&error, err);
	if (!job->cli->json)
		(void)printf("%" PRId64 "\n", id);
	return 0;
}

int
cli_kill(struct cli *cli, int argc, char **argv)
{
	return one_job_do(cli, argc, argv, kill_job);
}

int
cli_cancel(struct cli *cli, int argc, char **argv)
{
	return one_job_do(cli, argc, argv, cancel_job);
}

int
cli_pause(struct cli *cli, int argc, char **argv)
{
	return one_job_do(cli, argc, argv, pause_job);
}

int
cli_resume(struct cli *cli, int argc, char **argv)
{
	return one_job_do(cli, argc, argv, resume_job);
}

int
cli_restart(struct cli *cli, int argc, char **argv)
{
	return one_job_do(cli, argc, argv, restart_job);
}
