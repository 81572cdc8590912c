/* SPDX-License-Identifier: Apache-2.0 */
/* cli/job.c: jqm job. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/one_job.h"
#include "cli/output.h"
#include "cli/server.h"
#include "cli/verbs.h"

#define LABEL_WIDTH 11
#define CHILDREN_MAX 1000 /* the newest of them */

static void
line(const char *label, const char *text)
{
	output_text_line(LABEL_WIDTH, label, text);
}

static void
number_line(const char *label, bool set, int64_t value)
{
	output_number_line(LABEL_WIDTH, label, set, value);
}

static void
time_line(const char *label, int64_t ms)
{
	output_time_line(LABEL_WIDTH, label, (struct opt_time){ ms != 0, ms * 1000 });
}

static void
label(const char *text)
{
	(void)printf("%-*s ", LABEL_WIDTH, text);
}

static void
print_attempt(const struct jqm_attempt *attempt)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "attempt %" PRId64, attempt->attempt);
	label(text);
	if (attempt->ended_ms != 0)
		output_time(stdout, attempt->ended_ms * 1000);
	(void)fputs(" on ", stdout);
	output_text(stdout, attempt->node_name == NULL ? "" : attempt->node_name);
	if (attempt->reason != NULL && attempt->reason[0] != '\0') {
		(void)fputs(": ", stdout);
		output_text(stdout, attempt->reason);
	} else if (attempt->signalled) {
		(void)printf(": signal %" PRId32, attempt->signal);
	} else if (attempt->exited) {
		(void)printf(": exit code %" PRId32, attempt->exit_code);
	}
	(void)putchar('\n');
}

/* How often it was tried, and what became of it each time. */
static void
print_attempts(const struct jqm_job *job)
{
	number_line("attempt", job->attempt > 1, job->attempt);
	number_line("attempts", job->max_attempts > 1, job->max_attempts);
	number_line("failures", job->failures > 0, job->failures);
	number_line("node lost", job->node_losses > 0, job->node_losses);
	for (size_t i = 0; i < job->attempts_len; i++)
		print_attempt(job->attempts[i]);
}

static void
print_job(const struct jqm_job *job)
{
	bool waits = strcmp(job->state, JQM_SCHEDULED) == 0 || strcmp(job->state, JQM_HOLDED) == 0;

	number_line("job", true, job->id);
	line("definition", job->application_name);
	line("state", job->state);
	line("reason", job->end_reason);
	number_line("exit code", job->exited, job->exit_code);
	number_line("signal", job->signalled, job->signal);
	line("queue", job->queue_name);
	line("node", job->node_name);
	line("user", job->user);
	line("submitted", job->submitted_by);
	number_line("priority", job->priority != 0, job->priority);
	number_line("progress", job->progress != 0, job->progress);
	print_attempts(job);
	number_line("parent", job->parent_id != 0, job->parent_id);
	number_line("restart of", job->restart_of != 0, job->restart_of);
	number_line("schedule", job->schedule_id != 0, job->schedule_id);
	for (size_t i = 0; i < job->wait_for_len; i++)
		line(waits ? "waits for" : "waited for", job->wait_for[i]);
	line("limited by", job->concurrency_key);
	line("late", job->late ? "it runs longer than its definition calls reasonable" : NULL);
	line("keyword1", job->keyword1);
	line("keyword2", job->keyword2);
	line("keyword3", job->keyword3);
	line("module", job->module);
	line("application", job->application);
	line("session", job->session_id);
	line("email", job->email);
	time_line("run after", job->run_after_ms);
	time_line("enqueued", job->enqueued_ms);
	time_line("began", job->started_ms);
	time_line("ended", job->ended_ms);
	for (size_t i = 0; i < job->parameters_len; i++) {
		label("parameter");
		output_text(stdout, job->parameters[i].key);
		(void)putchar('=');
		if (job->parameters[i].value != NULL)
			output_text(stdout, job->parameters[i].value);
		(void)putchar('\n');
	}
	for (size_t i = 0; i < job->messages_len; i++)
		line("message", job->messages[i]);
}

/* By number. */
static void
print_children(const struct jqm_jobs *children, int64_t parent)
{
	if (children->len == 0)
		return;
	label("children");
	for (size_t i = children->len; i > 0; i--)
		(void)printf(i == children->len ? "%" PRId64 : " %" PRId64,
			     children->items[i - 1]->id);
	if (children->len == CHILDREN_MAX)
		(void)printf(" and perhaps more: jqm jobs --parent %" PRId64, parent);
	(void)putchar('\n');
}

static int
show_job(struct one_job *one, struct err *err)
{
	struct jqm_error error;
	struct jqm_job *job = NULL;
	struct jqm_jobs *children = NULL;
	int rc = jqm_job_read(one->server, one->id, &job, &error);

	if (rc == 0 && !one->cli->json)
		rc = jqm_jobs_newest(one->server, one->id, 0, CHILDREN_MAX, &children, &error);
	if (children != NULL) {
		print_job(job);
		print_children(children, one->id);
	}
	jqm_job_free(job);
	jqm_jobs_free(children);
	return server_said(rc, &error, err);
}

int
cli_job(struct cli *cli, int argc, char **argv)
{
	return one_job_do(cli, argc, argv, show_job);
}
