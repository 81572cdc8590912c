/* SPDX-License-Identifier: Apache-2.0 */
/* What history says of an end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "model/job_end.h"
#include "runner/exit_reason.h"
#include "store/job_turn_store.h"
#include "wire/keeper_wire.h"

static void
each_end_has_its_state_and_reason(void **state)
{
	static const struct {
		int exit_code, signal, cause, left;
		const char *kill_reason;
		enum job_end_state state;
		const char *reason;
	} cases[] = {
		{ 0, 0, KEEPER_CAUSE_NONE, 0, "", JOB_END_ENDED, "" },
		{ 3, 0, KEEPER_CAUSE_NONE, 0, "", JOB_END_CRASHED, "exit code 3" },
		{ 255, 0, KEEPER_CAUSE_NONE, 0, "", JOB_END_CRASHED, "exit code 255" },
		{ -1, 11, KEEPER_CAUSE_NONE, 0, "", JOB_END_CRASHED,
		  "killed by signal 11 (Segmentation fault)" },
		{ -1, 15, KEEPER_CAUSE_ORDER, 0, "killed by bob", JOB_END_KILLED, "killed by bob" },
		{ 0, 0, KEEPER_CAUSE_ORDER, 0, "killed by bob", JOB_END_KILLED, "killed by bob" },
		{ -1, 9, KEEPER_CAUSE_ORDER, 0, "", JOB_END_KILLED, "killed by its node" },
		{ -1, 15, KEEPER_CAUSE_TIMEOUT, 0, "", JOB_END_KILLED, "ran longer than 5 s" },
		{ -1, 15, KEEPER_CAUSE_LOG_LIMIT, 0, "", JOB_END_KILLED,
		  "output exceeds 1000 bytes" },
		{ -1, 9, KEEPER_CAUSE_MEMORY, 0, "", JOB_END_KILLED,
		  "used more than 2000000 bytes of memory" },
		{ -1, 24, KEEPER_CAUSE_CPU, 0, "", JOB_END_KILLED,
		  "used more than 7 s of processor time" },
		{ -1, 15, KEEPER_CAUSE_PROCESSES, 0, "", JOB_END_KILLED,
		  "had more than 20 processes and threads" },
		{ -1, 9, KEEPER_CAUSE_KEEPER_DIED, 0, "", JOB_END_CRASHED, "its keeper died" },
		{ -1, 15, KEEPER_CAUSE_LEASE, 0, "", JOB_END_CRASHED,
		  "its node could not renew its lease" },
		{ -1, 9, KEEPER_CAUSE_ORDER, 2, "killed by x", JOB_END_KILLED,
		  "killed by x; 2 of its processes could not be killed" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct keeper_report report = { .exit_code = cases[i].exit_code,
						.signal = cases[i].signal,
						.cause = cases[i].cause,
						.left = cases[i].left,
						.run_max_ms = 5000,
						.log_max_bytes = 1000,
						.memory_max_bytes = 2000000,
						.cpu_max_s = 7,
						.processes_max = 20 };
		struct job_end end;

		job_end_init(&end, 1, 1);
		exit_reason_fill(&end, &report, cases[i].kill_reason);
		assert_int_equal(end.state, cases[i].state);
		assert_string_equal(end.reason, cases[i].reason);
		assert_int_equal(end.signal, cases[i].signal);
		assert_int_equal(end.exit_code, cases[i].exit_code);
		job_end_free(&end);
	}
}

static void
the_statement_s_text_survives_any_bytes(void **state)
{
	struct job_end end;
	const struct job_end *ends[] = { &end };
	char *text;

	(void)state;
	job_end_init(&end, 5, 2);
	job_end_set(&end, JOB_END_CRASHED, "%s", "a \"quote\", a \\, a \n, bad \xff");
	job_end_say(&end, "m");
	text = job_turn_ends_text(ends, 1, false);
	assert_string_equal(
	    text, "[{\"id\":5,\"attempt\":2,\"state\":\"CRASHED\",\"reason\":\"a "
		  "\\\"quote\\\", a \\\\, a \\u000a, bad \\\\xFF\",\"messages\":[\"m\"]}]");
	free(text);
	job_end_free(&end);
}

static void
long_words_are_cut_between_characters(void **state)
{
	struct job_end end;
	char text[1200] = "x"; /* so that the limit falls into a character */

	(void)state;
	for (size_t len = 1; len + 2 < sizeof(text); len += 2)
		memcpy(text + len, "\xc3\xa9", 3);
	job_end_init(&end, 5, 2);
	job_end_say(&end, "%s", text);
	job_end_set(&end, JOB_END_CRASHED, "%s", text);
	assert_int_equal(strlen(end.messages[0]), 999);
	assert_true(str_utf8_valid(end.messages[0], 999));
	assert_int_equal(strlen(end.reason), 999);
	assert_true(str_utf8_valid(end.reason, 999));
	job_end_free(&end);
}

static void
a_flood_of_messages_is_counted(void **state)
{
	struct job_end end;

	(void)state;
	job_end_init(&end, 5, 2);
	for (int i = 0; i < JOB_END_MESSAGES_MAX + 7; i++)
		job_end_say(&end, "message %d", i);
	assert_int_equal(end.n_messages, JOB_END_MESSAGES_MAX);
	assert_int_equal(end.n_unsaid, 7);
	job_end_free(&end);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_end_has_its_state_and_reason),
		cmocka_unit_test(the_statement_s_text_survives_any_bytes),
		cmocka_unit_test(long_words_are_cut_between_characters),
		cmocka_unit_test(a_flood_of_messages_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
