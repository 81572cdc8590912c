/* SPDX-License-Identifier: Apache-2.0 */
/* tests/client/suite/files.c: files and logs. */
#include "suite.h"

#include <stdlib.h>
void
files_and_logs_are_fetched(void **state)
{
	int64_t id = enqueue("Deliver"), next = 0, old;
	struct jqm_files *files = NULL;
	struct bytes bytes = { .len = 0 };

	(void)state;
	wait_state(id, JQM_ENDED);
	works(jqm_files(client, id, &files, &error));
	assert_int_equal(files->len, 1);
	assert_string_equal(files->items[0]->original_name, "report 1.txt");
	assert_int_equal(files->items[0]->size_bytes, 11);
	assert_int_equal(strlen(files->items[0]->sha256), 64);
	works(jqm_file_fetch(client, files->items[0]->id, take, &bytes, &error));
	assert_string_equal(bytes.data, "the report\n");
	bytes = (struct bytes){ .most = 1 };
	fails(JQM_STOPPED, jqm_file_fetch(client, files->items[0]->id, take, &bytes, &error));
	jqm_files_free(files);
	fails(JQM_NOT_FOUND, jqm_file_fetch(client, 987654321, take, &bytes, &error));

	bytes = (struct bytes){ .len = 0 };
	works(jqm_log_fetch(client, id, JQM_STDOUT, 0, 0, take, &bytes, &next, &error));
	assert_string_equal(bytes.data, "one\ntwo\nthree\n");
	assert_int_equal(next, 14);
	old = next;
	bytes = (struct bytes){ .len = 0 };
	works(jqm_log_fetch(client, id, JQM_STDOUT, 1, 4, take, &bytes, &next, &error));
	assert_string_equal(bytes.data, "two\nthree\n");
	bytes = (struct bytes){ .len = 0 };
	works(jqm_log_fetch(client, id, JQM_STDOUT, 0, old, take, &bytes, &next, &error));
	assert_int_equal(bytes.len, 0);
	assert_int_equal(next, old);
	works(jqm_log_fetch(client, id, JQM_STDERR, 0, 0, take, &bytes, NULL, &error));
	assert_string_equal(bytes.data, "oops\n");
	fails(JQM_NOT_FOUND,
	      jqm_log_fetch(client, id, JQM_STDOUT, 7, 0, take, &bytes, &next, &error));
	fails(JQM_NOT_FOUND,
	      jqm_log_fetch(client, 987654321, JQM_STDOUT, 0, 0, take, &bytes, &next, &error));
	fails(JQM_NOT_FOUND, jqm_log_fetch(client, enqueue_waiting(), JQM_STDOUT, 0, 0, take,
					   &bytes, &next, &error));
	fails(JQM_INVALID,
	      jqm_log_fetch(client, id, JQM_STDOUT, 0, -1, take, &bytes, &next, &error));
	fails(JQM_NOT_FOUND, jqm_files(client, 987654321, &files, &error));
	works(jqm_files(client, enqueue_waiting(), &files, &error));
	assert_int_equal(files->len, 0);
	jqm_files_free(files);
}

void
a_job_gets_the_file_it_was_given(void **state)
{
	struct jqm_request request = JQM_REQUEST_INIT;
	struct bytes bytes = { .len = 0 };
	int64_t id;

	(void)state;
	request.application_name = "ReadInput";
	request.held = true;
	id = enqueue_request(&request);
	works(jqm_input_give(client, id, "in & out.txt", "a\0b\n", 4, &error));
	fails(JQM_INVALID, jqm_input_give(client, id, "a/b", "x", 1, &error));
	fails(JQM_INVALID, jqm_input_give(client, id, "..", "x", 1, &error));
	fails(JQM_INVALID, jqm_input_give(client, id, "", "x", 1, &error));
	fails(JQM_INVALID, jqm_input_give(client, id, NULL, "x", 1, &error));
	fails(JQM_INVALID, jqm_input_give(client, id, "x", NULL, 1, &error));
	works(jqm_input_give(client, id, "empty", NULL, 0, &error));
	works(jqm_release(client, id, &error));
	wait_state(id, JQM_ENDED);
	works(jqm_log_fetch(client, id, JQM_STDOUT, 0, 0, take, &bytes, NULL, &error));
	assert_int_equal(bytes.len, 4);
	assert_memory_equal(bytes.data, "a\0b\n", 4);
	fails(JQM_CONFLICT, jqm_input_give(client, id, "late", "x", 1, &error));
}
