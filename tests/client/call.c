/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tests/client/call.c: one call of the library, and what came of it on standard output: "kind: text", or "ok, N bytes".
 *
 *	call URL enqueue|all|again|restart|kill-all|input|job|query|kill|queues|status|file|log [FIFO]
 *
 * With a FIFO the call is made a second time, over the same handle: "called" comes out of it, and any word into it lets the second go.
 *
 * JQM_CALL_USER, JQM_CALL_PASSWORD, JQM_CALL_CA, JQM_CALL_CERTIFICATE, JQM_CALL_PATIENCE (seconds).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jqm.h>

static size_t taken;

static int
take(void *arg, const void *data, size_t len)
{
	(void)arg;
	(void)data;
	taken += len;
	return 0;
}

static int
call(struct jqm *client, const char *what, struct jqm_error *error)
{
	struct jqm_request request = JQM_REQUEST_INIT;
	const struct jqm_request *requests[] = { &request, &request };
	struct jqm_query query = JQM_QUERY_INIT;
	struct jqm_job *job = NULL;
	struct jqm_jobs *jobs = NULL;
	struct jqm_queues *queues = NULL;
	const int64_t one[] = { 1 };
	int64_t ids[2];
	int32_t state;
	int rc = -1;

	request.application_name = "Greet";
	query.live = true;
	if (strcmp(what, "enqueue") == 0)
		rc = jqm_enqueue(client, &request, ids, error);
	else if (strcmp(what, "all") == 0)
		rc = jqm_enqueue_all(client, requests, 2, ids, error);
	else if (strcmp(what, "again") == 0)
		rc = jqm_enqueue_again(client, 1, ids, error);
	else if (strcmp(what, "restart") == 0)
		rc = jqm_restart(client, 1, ids, error);
	else if (strcmp(what, "kill-all") == 0)
		rc = jqm_kill_all(client, one, 1, NULL, error);
	else if (strcmp(what, "input") == 0)
		rc = jqm_input_give(client, 1, "in", "x", 1, error);
	else if (strcmp(what, "job") == 0)
		rc = jqm_job_read(client, 1, &job, error);
	else if (strcmp(what, "query") == 0)
		rc = jqm_jobs_read(client, &query, &jobs, error);
	else if (strcmp(what, "kill") == 0)
		rc = jqm_kill(client, 1, error);
	else if (strcmp(what, "queues") == 0)
		rc = jqm_queues(client, &queues, error);
	else if (strcmp(what, "status") == 0)
		rc = jqm_queue_status(client, 1, &state, error);
	else if (strcmp(what, "file") == 0)
		rc = jqm_file_fetch(client, 1, take, NULL, error);
	else if (strcmp(what, "log") == 0)
		rc = jqm_log_fetch(client, 1, JQM_STDOUT, 0, 0, take, NULL, NULL, error);
	jqm_job_free(job);
	jqm_jobs_free(jobs);
	jqm_queues_free(queues);
	return rc;
}

/* Says through the FIFO that the first call is done, and waits there for a word. */
static void
wait_for(const char *path)
{
	FILE *fifo = fopen(path, "w");

	if (fifo == NULL || fputs("called\n", fifo) == EOF || fclose(fifo) == EOF)
		exit(2);
	fifo = fopen(path, "r");
	if (fifo == NULL || fgetc(fifo) == EOF)
		exit(2);
	(void)fclose(fifo);
}

int
main(int argc, char **argv)
{
	struct jqm_options options = JQM_OPTIONS_INIT;
	const char *patience = getenv("JQM_CALL_PATIENCE");
	struct jqm_error error = { 0, "" };
	struct jqm *client;
	int rc;

	if (argc != 3 && argc != 4)
		return 2;
	options.user = getenv("JQM_CALL_USER");
	options.password = getenv("JQM_CALL_PASSWORD");
	options.ca_file = getenv("JQM_CALL_CA");
	options.certificate_file = getenv("JQM_CALL_CERTIFICATE");
	options.patience_s = patience == NULL ? 0 : (uint32_t)atoi(patience);
	rc = jqm_open(argv[1], &options, &client, &error);
	if (rc == 0) {
		rc = call(client, argv[2], &error);
		if (argc == 4 && rc == 0) {
			wait_for(argv[3]);
			rc = call(client, argv[2], &error);
		}
		jqm_free(&client);
	}
	if (rc == 0)
		(void)printf("ok, %zu bytes\n", taken);
	else
		(void)printf("%s: %s\n", jqm_kind_name(error.kind), error.text);
	return rc == 0 ? 0 : 1;
}
