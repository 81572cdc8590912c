/* SPDX-License-Identifier: Apache-2.0 */
/* tests/client/suite/wrong_calls.c: wrong calls, handles and what they leave behind. */
#include "suite.h"

#include <dirent.h>
#include <pthread.h>
#include <stdlib.h>

void
no_pointer_is_an_error_and_no_crash(void **state)
{
	struct jqm_request request = JQM_REQUEST_INIT;
	struct jqm_log_place place = JQM_LOG_PLACE_INIT;
	struct bytes bytes;

	(void)state;
	request.application_name = "Greet";
	fails(JQM_INVALID, jqm_enqueue(client, NULL, &(int64_t){ 0 }, &error));
	fails(JQM_INVALID, jqm_enqueue(client, &request, NULL, &error));
	fails(JQM_INVALID, jqm_enqueue_all(client, NULL, 1, &(int64_t){ 0 }, &error));
	fails(JQM_INVALID, jqm_enqueue_again(client, 1, NULL, &error));
	fails(JQM_INVALID, jqm_enqueue_again_all(client, NULL, 1, NULL, NULL, &error));
	fails(JQM_INVALID, jqm_restart(client, 1, NULL, &error));
	fails(JQM_INVALID, jqm_job_read(client, 1, NULL, &error));
	fails(JQM_INVALID, jqm_jobs_read(client, NULL, &(struct jqm_jobs *){ NULL }, &error));
	fails(JQM_INVALID, jqm_jobs_read(client, &(struct jqm_query){ 0 }, NULL, &error));
	fails(JQM_INVALID, jqm_jobs_newest(client, 0, 0, 1, NULL, &error));
	fails(JQM_INVALID, jqm_jobs_live(client, 1, NULL, &error));
	fails(JQM_INVALID, jqm_messages(client, 1, NULL, &error));
	fails(JQM_INVALID, jqm_progress(client, 1, NULL, &error));
	fails(JQM_INVALID, jqm_files(client, 1, NULL, &error));
	fails(JQM_INVALID, jqm_file_fetch(client, 1, NULL, NULL, &error));
	fails(JQM_INVALID, jqm_log_fetch(client, 1, JQM_STDOUT, 0, 0, NULL, NULL, NULL, &error));
	fails(JQM_INVALID,
	      jqm_log_fetch(client, 1, (enum jqm_log)7, 0, 0, take, &bytes, NULL, &error));
	fails(JQM_INVALID, jqm_file_get(client, NULL, take, &bytes, NULL, 0, &error));
	fails(JQM_INVALID, jqm_file_get(client, "1", NULL, NULL, NULL, 0, &error));
	fails(JQM_INVALID, jqm_log_show(client, 1, JQM_STDOUT, 0, NULL, NULL, &error));
	fails(JQM_INVALID, jqm_log_show(client, 1, (enum jqm_log)7, 0, take, &bytes, &error));
	fails(JQM_INVALID, jqm_log_continue(client, 1, JQM_STDOUT, NULL, take, &bytes, &error));
	fails(JQM_INVALID, jqm_log_continue(client, 1, JQM_STDOUT, &place, NULL, NULL, &error));
	fails(JQM_INVALID, jqm_queues(client, NULL, &error));
	fails(JQM_INVALID, jqm_queue_status(client, 1, NULL, &error));
	fails(JQM_INVALID, jqm_queue_capacity(client, 1, NULL, &error));
	fails(JQM_INVALID, jqm_definitions(client, NULL, NULL, &error));
	fails(JQM_INVALID, jqm_definition_read(client, NULL, NULL, &error));
	fails(JQM_INVALID, jqm_schedules(client, NULL, &error));
	fails(JQM_INVALID, jqm_schedule_read(client, 1, NULL, &error));
	fails(JQM_INVALID, jqm_schedule_next(client, 1, 1, NULL, &error));
	assert_int_equal(jqm_cancel(client, 987654321, NULL), -1);
	jqm_job_free(NULL);
	jqm_jobs_free(NULL);
	jqm_texts_free(NULL);
	jqm_files_free(NULL);
	jqm_queues_free(NULL);
	jqm_definitions_free(NULL);
	jqm_definition_free(NULL);
	jqm_schedules_free(NULL);
	jqm_schedule_free(NULL);
	jqm_close(NULL);
	jqm_free(NULL);
}

void
an_address_that_is_none_is_refused(void **state)
{
	static const char *const addresses[] = {
		"",         "ftp://h",         "http://", "https://u:p@h", "http://h/?x",
		"nonsense", "http://h\r\nX: y"
	};
	struct jqm_options options = JQM_OPTIONS_INIT, empty = { 0 };
	struct jqm *other = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++)
		if (addresses[i][0] != '\0')
			fails(JQM_INVALID, jqm_open(addresses[i], NULL, &other, &error));
	fails(JQM_INVALID, jqm_open("https://u:secret-word@h", NULL, &other, &error));
	assert_null(strstr(error.text, "secret-word"));
	fails(JQM_INVALID,
	      jqm_open("host=h password=secret-word://x nonsense=1", NULL, &other, &error));
	assert_null(strstr(error.text, "secret-word"));
	fails(JQM_INVALID,
	      jqm_open("postgresql://u:secret-word@h/d?nonsense=1", NULL, &other, &error));
	assert_null(strstr(error.text, "secret-word"));
	fails(JQM_INVALID, jqm_open(NULL, NULL, &other, &error));
	fails(JQM_INVALID, jqm_open("http://h", NULL, NULL, &error));
	fails(JQM_INVALID, jqm_open("http://h", &empty, &other, &error));
	options.user = "bob";
	fails(JQM_INVALID, jqm_open("http://h", &options, &other, &error));
	options.password = "secret-word";
	fails(JQM_INVALID, jqm_open("postgresql:///jqm", &options, &other, &error));
	assert_null(strstr(error.text, "secret-word"));
	options = (struct jqm_options)JQM_OPTIONS_INIT;
	options.patience_s = UINT32_MAX;
	fails(JQM_INVALID, jqm_open("http://h", &options, &other, &error));
	options.patience_s = 0;
	options.program = "a\r\nX-Evil: 1";
	fails(JQM_INVALID, jqm_open("http://h", &options, &other, &error));
	assert_null(other);
}

/* Descriptors this process has open. */
static int
descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		n++;
	(void)closedir(dir);
	return n;
}

void
a_freed_handle_leaves_no_descriptor_open(void **state)
{
	struct jqm *kept = client;
	int before;

	/* What libraries keep for good they have by now. */
	assert_int_equal(open_client(state), 0);
	assert_true(queue_id("DEFAULT") > 0);
	jqm_free(&client);
	before = descriptors();
	assert_int_equal(open_client(state), 0);
	assert_true(queue_id("DEFAULT") > 0);
	assert_true(descriptors() > before);
	jqm_free(&client);
	assert_int_equal(descriptors(), before);
	client = kept;
}

#define THREADS 4
#define JOBS 10

/* One thread: a handle, some jobs; how many calls failed. */
static void *
enqueue_some(void *arg)
{
	struct jqm *mine = arg;
	struct jqm_request request = JQM_REQUEST_INIT;
	intptr_t failed = 0;
	int64_t id;

	request.application_name = "Greet";
	request.queue_name = "NOBODY";
	for (int i = 0; i < JOBS; i++)
		failed += jqm_enqueue(mine, &request, &id, NULL) != 0;
	return (void *)failed;
}

void
threads_with_handles_of_their_own_do_not_disturb_each_other(void **state)
{
	struct jqm *kept = client, *handles[THREADS];
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(open_client(state), 0);
		handles[i] = client;
	}
	client = kept;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, enqueue_some, handles[i]), 0);
	for (int i = 0; i < THREADS; i++) {
		void *failed = NULL;

		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
		jqm_free(&handles[i]);
	}
}
