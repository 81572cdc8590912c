/* SPDX-License-Identifier: Apache-2.0 */
/* How long the end of a job may wait for company, by how its queue stands (runner/claim_poller.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "runner/runner.h"

#define QUEUE 7

/* A runner with one queue of so many places, all of them taken. */
static struct runner *
a_full_runner(int places)
{
	struct runner *runner = calloc(1, sizeof(*runner));

	assert_non_null(runner);
	runner->poller.runner = runner;
	(void)slots_map(&runner->slots, QUEUE, places, 60000);
	for (int i = 0; i < places; i++)
		slots_take(&runner->slots, QUEUE, 1);
	return runner;
}

static int64_t
wait_ms(const struct runner *runner)
{
	return claim_poller_end_wait_ms(&runner->poller, QUEUE);
}

static void
end(struct runner *runner)
{
	slots_clear(&runner->slots);
	free(runner);
}

static void
an_end_whose_place_is_wanted_is_told_at_once(void **state)
{
	struct runner *runner = a_full_runner(4);
	struct queue_poll *poll = &slots_find(&runner->slots, QUEUE)->poll;

	(void)state;
	assert_int_equal(wait_ms(runner), 0);
	poll->flag_up = true; /* raised, and not looked since: jobs may wait */
	assert_int_equal(wait_ms(runner), 0);
	poll->claim_saw_flag = poll->want = true; /* a wake-up came, and there is no other place */
	assert_int_equal(wait_ms(runner), 0);
	end(runner);
}

static void
an_end_lets_a_new_job_go_first_where_there_is_another_place(void **state)
{
	struct runner *runner = a_full_runner(4);
	struct queue_poll *poll = &slots_find(&runner->slots, QUEUE)->poll;

	(void)state;
	slots_release(&runner->slots, QUEUE, 1);
	assert_in_range(wait_ms(runner), 1, 5);
	slots_take(&runner->slots, QUEUE, 1);
	poll->flag_up = poll->claim_saw_flag =
	    true; /* the queue is empty: nobody wants the place */
	assert_in_range(wait_ms(runner), 1, 5);
	end(runner);
}

static void
ends_gather_while_enough_jobs_are_in_hand(void **state)
{
	struct runner *runner = a_full_runner(4);
	struct queue_slots *queue = slots_find(&runner->slots, QUEUE);

	(void)state;
	for (int i = 0; i < 4; i++)
		slots_note_end(&runner->slots, QUEUE, 8000, 8000);
	while (slots_free(queue) > 0)
		slots_take(&runner->slots, QUEUE, 1);
	queue->in_hand = 40;
	assert_in_range(wait_ms(runner), 6, 40);
	queue->in_hand = 20; /* half of it: time to ask for more */
	assert_int_equal(wait_ms(runner), 0);
	end(runner);
}

static void
nothing_waits_when_the_runner_stops_and_no_place_is_missed_where_there_is_no_mapping(void **state)
{
	struct runner *runner = a_full_runner(4);

	(void)state;
	assert_in_range(claim_poller_end_wait_ms(&runner->poller, QUEUE + 1), 1, 5);
	slots_release(&runner->slots, QUEUE, 1);
	runner->stop = STOP_KILL;
	assert_int_equal(wait_ms(runner), 0);
	end(runner);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_end_whose_place_is_wanted_is_told_at_once),
		cmocka_unit_test(an_end_lets_a_new_job_go_first_where_there_is_another_place),
		cmocka_unit_test(ends_gather_while_enough_jobs_are_in_hand),
		cmocka_unit_test(
		    nothing_waits_when_the_runner_stops_and_no_place_is_missed_where_there_is_no_mapping),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
