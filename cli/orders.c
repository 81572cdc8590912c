/* SPDX-License-Identifier: Apache-2.0 */
/* cli/orders.c: jqm kill, cancel, pause, resume, restart. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "cli/api_client.h"
#include "cli/one_job.h"
#include "cli/verbs.h"
#include "model/job_instance.h"

static int
is_running(struct one_job *one, bool *out, struct err *err)
{
	struct job_instance job;

	if (api_job(one->api, one->id, &one->pool.memory, &job, NULL, err) == -1)
		return -1;
	*out = job.state == JOB_ATTRIBUTED || job.state == JOB_RUNNING;
	return 0;
}

/* A job that waits is held, one that runs stands still; it may start between a look and the order. */
static int
look_and_order(struct one_job *job, const char *method, struct err *err)
{
	for (int tries = 1;; tries++) {
		bool running = false;

		if (is_running(job, &running, err) == -1)
			return -1;
		if (api_order(job->api, method, running ? "running/paused" : "paused", job->id,
			      err) == 0)
			return 0;
		if (err->kind != ERR_CONFLICT || tries == 2)
			return -1;
	}
}

/* It was done, as --json says it: rc. */
static int
done(struct one_job *job, const char *order, int rc)
{
	if (rc == 0)
		buf_printf(&job->json, "{\"id\":%" PRId64 ",\"order\":\"%s\"}", job->id, order);
	return rc;
}

static int
kill_job(struct one_job *job, struct err *err)
{
	return done(job, "killed", api_order(job->api, "POST", "killed", job->id, err));
}

static int
cancel_job(struct one_job *job, struct err *err)
{
	return done(job, "cancelled", api_order(job->api, "POST", "cancelled", job->id, err));
}

static int
pause_job(struct one_job *job, struct err *err)
{
	return done(job, "paused", look_and_order(job, "POST", err));
}

static int
resume_job(struct one_job *job, struct err *err)
{
	return done(job, "resumed", look_and_order(job, "DELETE", err));
}

static int
restart_job(struct one_job *one, struct err *err)
{
	struct job_instance job;

	if (api_restart(one->api, one->id, &one->pool.memory, &job, &one->json, err) == -1)
		return -1;
	if (!one->cli->json)
		(void)printf("%" PRId64 "\n", job.id);
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
