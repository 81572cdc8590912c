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

void
a_file_comes_by_what_names_it_with_its_name(void **state)
{
	int64_t id = enqueue("Deliver");
	struct jqm_files *files = NULL;
	struct bytes bytes = { .len = 0 };
	char number[24], name[200] = "", little[4];

	(void)state;
	wait_state(id, JQM_ENDED);
	works(jqm_files(client, id, &files, &error));
	(void)snprintf(number, sizeof(number), "%lld", (long long)files->items[0]->id);
	works(jqm_file_get(client, number, take, &bytes, name, sizeof(name), &error));
	assert_string_equal(bytes.data, "the report\n");
	assert_non_null(strstr(name, "report"));
	works(jqm_file_get(client, number, take, &bytes, little, sizeof(little), &error));
	assert_int_equal(strlen(little), 3);
	bytes.len = 0;
	if (is_database()) {
		fails(JQM_INVALID, jqm_file_get(client, files->items[0]->random_id, take, &bytes,
						NULL, 0, &error));
	} else {
		works(jqm_file_get(client, files->items[0]->random_id, take, &bytes, NULL, 0,
				   &error));
		assert_string_equal(bytes.data, "the report\n");
		fails(JQM_NOT_FOUND, jqm_file_get(client, "00000000-0000-0000-0000-000000000000",
						  take, &bytes, NULL, 0, &error));
	}
	jqm_files_free(files);
	bytes = (struct bytes){ .most = 1 };
	fails(JQM_STOPPED, jqm_file_get(client, number, take, &bytes, NULL, 0, &error));
	fails(JQM_NOT_FOUND, jqm_file_get(client, "987654321", take, &bytes, NULL, 0, &error));
	fails(JQM_INVALID, jqm_file_get(client, "../x", take, &bytes, NULL, 0, &error));
	fails(JQM_INVALID, jqm_file_get(client, "", take, &bytes, NULL, 0, &error));
	fails(JQM_INVALID, jqm_file_get(client, number, take, &bytes, name, 0, &error));
}

void
a_log_is_followed_from_a_place_over_attempts(void **state)
{
	struct jqm_log_place place = JQM_LOG_PLACE_INIT;
	struct bytes bytes = { .len = 0 };
	int64_t id = enqueue("Twice");

	(void)state;
	wait_state(id, JQM_ENDED);
	works(jqm_log_continue(client, id, JQM_STDOUT, &place, take, &bytes, &error));
	assert_string_equal(bytes.data, "attempt 2\n");
	assert_true(place.attempt == 2 && place.newest_attempt == 2);
	assert_true(place.next == 10 && place.written == 10 && place.cut == 0);

	place = (struct jqm_log_place)JQM_LOG_PLACE_INIT;
	place.attempt = 1;
	place.next = 8;
	bytes = (struct bytes){ .len = 0 };
	works(jqm_log_continue(client, id, JQM_STDOUT, &place, take, &bytes, &error));
	assert_string_equal(bytes.data, "1\n");
	assert_true(place.attempt == 1 && place.newest_attempt == 2 && place.next == 10);
	bytes = (struct bytes){ .len = 0 };
	works(jqm_log_continue(client, id, JQM_STDOUT, &place, take, &bytes, &error));
	assert_true(bytes.len == 0 && place.next == 10 && place.written == 10);
	assert_int_equal(place.newest_attempt, 2);
	place.next = 4711; /* the job cannot have got so far: it must have emptied its log */
	works(jqm_log_continue(client, id, JQM_STDOUT, &place, take, &bytes, &error));
	assert_true(bytes.len == 0 && place.written == 10 && place.written < place.next);

	place.next = 0;
	bytes.most = 1;
	fails(JQM_STOPPED, jqm_log_continue(client, id, JQM_STDOUT, &place, take, &bytes, &error));
	assert_int_equal(place.next, 0); /* what sink did not take was not passed */
	place.attempt = 3;
	fails(JQM_NOT_FOUND,
	      jqm_log_continue(client, id, JQM_STDOUT, &place, take, &bytes, &error));
	place.attempt = -1;
	fails(JQM_INVALID, jqm_log_continue(client, id, JQM_STDOUT, &place, take, &bytes, &error));
	place.attempt = 0;
	place.next = -1;
	fails(JQM_INVALID, jqm_log_continue(client, id, JQM_STDOUT, &place, take, &bytes, &error));
	place.size = 3;
	fails(JQM_INVALID, jqm_log_continue(client, id, JQM_STDOUT, &place, take, &bytes, &error));
	bytes = (struct bytes){ .len = 0 };
	works(jqm_log_show(client, id, JQM_STDOUT, 1, take, &bytes, &error));
	assert_string_equal(bytes.data, "attempt 1\n");
	fails(JQM_NOT_FOUND, jqm_log_show(client, id, JQM_STDOUT, 3, take, &bytes, &error));
	fails(JQM_INVALID, jqm_log_show(client, id, JQM_STDOUT, -1, take, &bytes, &error));
}

/* Counts what comes, and sees a line that says that something is missing. */
struct looked_at {
	const struct jqm_log_place *place; /* NULL: none */
	int64_t len, cut;
	bool begun; /* a call has given something */
	bool says_cut;
};

static int
look_at(void *arg, const void *data, size_t len)
{
	struct looked_at *seen = arg;

	if (seen->place != NULL && !seen->begun)
		seen->cut += seen->place->cut; /* known before the first byte */
	seen->begun = true;
	seen->len += (int64_t)len;
	if (memmem(data, len, "bytes cut out here", 18) != NULL)
		seen->says_cut = true;
	return 0;
}

void
what_a_log_has_lost_is_told(void **state)
{
	struct jqm_log_place place = JQM_LOG_PLACE_INIT;
	struct looked_at followed = { .place = &place }, shown = { .place = NULL };
	int64_t id = enqueue("Long"), before;

	(void)state;
	wait_state(id, JQM_ENDED);
	do {
		before = place.next;
		followed.begun = false;
		works(jqm_log_continue(client, id, JQM_STDOUT, &place, look_at, &followed, &error));
	} while (place.next > before);
	assert_int_equal(place.written, 400000);
	assert_int_equal(place.next, 400000);
	assert_true(followed.cut > 0);
	assert_int_equal(followed.len + followed.cut, 400000);
	assert_false(followed.says_cut);
	works(jqm_log_show(client, id, JQM_STDOUT, 0, look_at, &shown, &error));
	assert_true(shown.says_cut);
	assert_true(shown.len > followed.len && shown.len < 400000);
}
