/* SPDX-License-Identifier: Apache-2.0 */
/*
 * list_jobs.c: what waits and runs, queue by queue, page by page.
 *
 *	cc list_jobs.c -o list_jobs $(pkg-config --cflags --libs jqm)
 *	JQM_USER=bob JQM_PASSWORD=... ./list_jobs https://jqm.example.org:1789
 *	./list_jobs postgresql://db.example.org/jqm
 */
#include <stdio.h>
#include <stdlib.h>

#include <jqm.h>

#define PAGE 500

/* All live jobs of a queue, oldest first; 0, or -1 with error. */
static int
list_queue(struct jqm *client, const struct jqm_queue *queue, struct jqm_error *error)
{
	struct jqm_query query = JQM_QUERY_INIT;
	struct jqm_jobs *jobs;
	size_t found;

	query.live = true;
	query.queue_id = queue->id;
	query.page_size = PAGE;
	do {
		if (jqm_jobs_read(client, &query, &jobs, error) == -1)
			return -1;
		found = jobs->len;
		for (size_t i = 0; i < found; i++) {
			const struct jqm_job *job = jobs->items[i];

			(void)printf("%lld\t%s\t%s\t%s\n", (long long)job->id, queue->name,
				     job->state, job->application_name);
			query.after_id = job->id;
		}
		jqm_jobs_free(jobs);
	} while (found == PAGE);
	return 0;
}

int
main(int argc, char **argv)
{
	struct jqm_options options = JQM_OPTIONS_INIT;
	struct jqm_queues *queues = NULL;
	struct jqm *client = NULL;
	struct jqm_error error;
	int rc = -1;

	if (argc != 2) {
		(void)fprintf(stderr, "usage: list_jobs URL\n");
		return 2;
	}
	options.user = getenv("JQM_USER");
	options.password = getenv("JQM_PASSWORD");
	options.ca_file = getenv("JQM_CA_FILE");
	if (jqm_open(argv[1], &options, &client, &error) == 0 &&
	    jqm_queues(client, &queues, &error) == 0) {
		rc = 0;
		for (size_t i = 0; rc == 0 && i < queues->len; i++)
			rc = list_queue(client, queues->items[i], &error);
	}
	if (rc == -1)
		(void)fprintf(stderr, "list_jobs: %s\n", error.text);
	jqm_queues_free(queues);
	jqm_free(&client);
	return rc == 0 ? 0 : 1;
}
