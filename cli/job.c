/* SPDX-License-Identifier: Apache-2.0 */
/* cli/job.c: jqm job. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/api_client.h"
#include "cli/one_job.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "codec/wire_object.h"
#include "model/job_instance.h"
#include "model/memory.h"

#define LABEL_WIDTH 11
#define CHILDREN_MAX 1000 /* of an answer */

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
time_line(const char *label, struct opt_time at)
{
	output_time_line(LABEL_WIDTH, label, at);
}

static void
label(const char *text)
{
	(void)printf("%-*s ", LABEL_WIDTH, text);
}

static void
print_attempt(const struct job_attempt *attempt)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "attempt %" PRId64, attempt->attempt);
	label(text);
	if (attempt->ended_at.set)
		output_time(stdout, attempt->ended_at.us);
	(void)fputs(" on ", stdout);
	output_text(stdout, attempt->node_name == NULL ? "" : attempt->node_name);
	if (attempt->reason != NULL && attempt->reason[0] != '\0') {
		(void)fputs(": ", stdout);
		output_text(stdout, attempt->reason);
	} else if (attempt->signal.set) {
		(void)printf(": signal %" PRId64, attempt->signal.value);
	} else if (attempt->exit_code.set) {
		(void)printf(": exit code %" PRId64, attempt->exit_code.value);
	}
	(void)putchar('\n');
}

/* How often it was tried, and what became of it each time. */
static void
print_attempts(const struct job_instance *job)
{
	number_line("attempt", job->attempt > 1, job->attempt);
	number_line("attempts", job->max_attempts > 1, job->max_attempts);
	number_line("failures", job->failures > 0, job->failures);
	number_line("node lost", job->node_losses > 0, job->node_losses);
	for (size_t i = 0; i < job->attempts.len; i++)
		print_attempt(&job->attempts.items[i]);
}

static void
print_job(const struct job_instance *job)
{
	number_line("job", true, job->id);
	line("definition", job->application_name);
	line("state", job_state_name(job->state));
	line("reason", job->end_reason);
	number_line("exit code", job->exit_code.set, job->exit_code.value);
	number_line("signal", job->signal.set, job->signal.value);
	line("queue", job->queue_name);
	line("node", job->node_name);
	line("user", job->user);
	line("submitted", job->submitted_by);
	number_line("priority", job->priority.set, job->priority.value);
	number_line("progress", job->progress != 0, job->progress);
	print_attempts(job);
	number_line("parent", job->parent != 0, job->parent);
	number_line("restart of", job->restart_of.set, job->restart_of.value);
	number_line("schedule", job->schedule_id.set, job->schedule_id.value);
	for (size_t i = 0; i < job->wait_for.len; i++)
		line(job->state == JOB_SCHEDULED || job->state == JOB_HOLDED ? "waits for"
									     : "waited for",
		     job->wait_for.items[i]);
	line("limited by", job->concurrency_key);
	line("late", job->late ? "it runs longer than its definition calls reasonable" : NULL);
	line("keyword1", job->keyword1);
	line("keyword2", job->keyword2);
	line("keyword3", job->keyword3);
	line("module", job->module);
	line("application", job->application);
	line("session", job->session_id);
	line("email", job->email);
	time_line("run after", job->run_after);
	time_line("enqueued", job->enqueued_at);
	time_line("began", job->started_at);
	time_line("ended", job->ended_at);
	for (size_t i = 0; i < job->parameters.len; i++) {
		label("parameter");
		output_text(stdout, job->parameters.items[i].key);
		(void)putchar('=');
		if (job->parameters.items[i].value != NULL)
			output_text(stdout, job->parameters.items[i].value);
		(void)putchar('\n');
	}
	for (size_t i = 0; i < job->messages.len; i++)
		line("message", job->messages.items[i]);
}

static void
print_children(const struct job_instance *children, size_t len, int64_t parent)
{
	if (len == 0)
		return;
	label("children");
	for (size_t i = 0; i < len; i++)
		(void)printf(i == 0 ? "%" PRId64 : " %" PRId64, children[i].id);
	if (len == CHILDREN_MAX)
		(void)printf(" and perhaps more: jqm jobs --parent %" PRId64, parent);
	(void)putchar('\n');
}

static int
show_job(struct one_job *one, struct err *err)
{
	struct memory *memory = &one->pool.memory;
	struct job_instance job;
	struct wire_items children;

	if (api_job(one->api, one->id, memory, &job, &one->json, err) == -1)
		return -1;
	if (one->cli->json)
		return 0;
	if (api_jobs_children(one->api, one->id, 0, 0, memory, &children, NULL, err) == -1)
		return -1;
	print_job(&job);
	print_children(children.items, children.len, one->id);
	return 0;
}

int
cli_job(struct cli *cli, int argc, char **argv)
{
	return one_job_do(cli, argc, argv, show_job);
}
