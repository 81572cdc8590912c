/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tests/client/suite/main.c: what the library promises, whatever way it goes: the same tests for an address of the web
 * service and for one of a database.  10-both.sh makes the definitions and says which server, as whom, by the environment:
 * JQM_SUITE_URL, JQM_SUITE_USER, JQM_SUITE_PASSWORD, JQM_SUITE_CA, JQM_SUITE_CERTIFICATE.
 */
#include "suite.h"

#include <stdlib.h>

struct jqm *client;
struct jqm_error error;

int
open_client(void **state)
{
	struct jqm_options options = JQM_OPTIONS_INIT;

	(void)state;
	options.user = getenv("JQM_SUITE_USER");
	options.password = getenv("JQM_SUITE_PASSWORD");
	options.ca_file = getenv("JQM_SUITE_CA");
	options.certificate_file = getenv("JQM_SUITE_CERTIFICATE");
	return jqm_open(getenv("JQM_SUITE_URL"), &options, &client, &error);
}

static int
free_client(void **state)
{
	(void)state;
	jqm_free(&client);
	return client == NULL ? 0 : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_job_is_enqueued_runs_and_tells_how_it_ended),
		cmocka_unit_test(a_failure_has_its_exit_code_and_can_be_restarted_once),
		cmocka_unit_test(every_member_of_a_request_comes_back),
		cmocka_unit_test(the_same_idempotency_key_is_the_same_job),
		cmocka_unit_test(a_wrong_request_is_refused_and_says_why),
		cmocka_unit_test(many_are_enqueued_all_or_none),
		cmocka_unit_test(a_job_that_is_over_is_enqueued_again),
		cmocka_unit_test(a_waiting_job_obeys),
		cmocka_unit_test(a_running_job_obeys),
		cmocka_unit_test(what_is_not_there_is_not_found),
		cmocka_unit_test(many_obey_at_once),
		cmocka_unit_test(a_query_finds_what_it_says),
		cmocka_unit_test(a_wrong_query_is_refused),
		cmocka_unit_test(lists_without_a_query_have_what_they_say),
		cmocka_unit_test(an_answer_is_kept_as_it_came_until_the_next_call),
		cmocka_unit_test(what_is_said_of_a_job_is_read_back),
		cmocka_unit_test(files_and_logs_are_fetched),
		cmocka_unit_test(a_file_comes_by_what_names_it_with_its_name),
		cmocka_unit_test(a_log_is_followed_from_a_place_over_attempts),
		cmocka_unit_test(what_a_log_has_lost_is_told),
		cmocka_unit_test(a_job_gets_the_file_it_was_given),
		cmocka_unit_test(definitions_are_read),
		cmocka_unit_test(a_schedule_is_made_read_changed_and_removed),
		cmocka_unit_test(a_secret_parameter_is_no_ones_to_read),
		cmocka_unit_test(no_pointer_is_an_error_and_no_crash),
		cmocka_unit_test(a_handle_that_is_none_or_closed_is_an_error),
		cmocka_unit_test(an_address_that_is_none_is_refused),
		cmocka_unit_test(a_freed_handle_leaves_no_descriptor_open),
		cmocka_unit_test(threads_with_handles_of_their_own_do_not_disturb_each_other),
		cmocka_unit_test(a_queue_obeys),
	};

	return cmocka_run_group_tests(tests, open_client, free_client);
}
