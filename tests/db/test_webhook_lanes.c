/* SPDX-License-Identifier: Apache-2.0 */
/* sql/schema, webhooks: who is slow or dead keeps nobody else waiting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "db/db.h"
#include "tests/lib/a_job.h"
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

#define SEALED "1:0123456789abcdef:AAAA"

static int
nothing_there(void **state)
{
	(void)state;
	test_db_sql("DELETE FROM jqm.webhook_delivery; DELETE FROM jqm.webhook");
	return 0;
}

/* What a sender gets that has those rooms, so many places to a host, and that on its way; "name!" out of the second lane. */
static void
assert_claimed(const char *rooms, const char *busy, const char *expected)
{
	char *claimed = test_db_value(
	    "SELECT coalesce(string_agg(name || CASE WHEN slow THEN '!' ELSE '' END, ',' ORDER BY "
	    "name), '-') FROM jqm.webhook_claim(%s, %s, 60000)",
	    rooms, busy);

	print_message("%s %s\n", rooms, busy);
	assert_string_equal(claimed, expected);
	free(claimed);
	test_db_sql("UPDATE jqm.webhook_delivery SET next_try_at = now(), lease_until = NULL");
}

#define NOTHING_BUSY "'{}', '{}', '{}'"

static void
hooks_with_something_to_be_told(const char *names)
{
	test_db_sql("INSERT INTO jqm.webhook (name, url, new_secret) SELECT n, 'https://' || n || "
		    "'.example.org/', '" SEALED "' FROM unnest('%s'::text[]) AS n;"
		    "SELECT jqm.webhook_ping(id) FROM jqm.webhook, generate_series(1, 3)",
		    names);
}

static void
who_is_slow_or_fails_takes_no_place_of_the_others(void **state)
{
	(void)state;
	hooks_with_something_to_be_told("{a,b,c,d}");
	test_db_sql("UPDATE jqm.webhook SET slow = true WHERE name = 'b';"
		    "UPDATE jqm.webhook SET failing_since = now() WHERE name = 'c'");
	assert_claimed("10, 10, 1, 9", NOTHING_BUSY, "a,b!,c!,d");
	assert_claimed("10, 0, 1, 9", NOTHING_BUSY, "a,d");
	assert_claimed("0, 10, 1, 9", NOTHING_BUSY, "b!,c!");
	assert_claimed("1, 10, 9, 9", NOTHING_BUSY, "a,b!,c!");
	assert_claimed("1, 1, 9, 9", NOTHING_BUSY, "a,b!");
	assert_claimed("0, 0, 9, 9", NOTHING_BUSY, "-");
}

static void
who_does_not_answer_now_is_slow_already(void **state)
{
	char *busy;

	(void)state;
	hooks_with_something_to_be_told("{a,b}");
	busy = test_db_value("SELECT '''{}'', ''{' || id || '}'', ''{}''' FROM jqm.webhook WHERE "
			     "name = 'a'");
	assert_claimed("10, 10, 3, 9", busy, "b,b,b");
	free(busy);
}

static void
the_first_of_each_hook_go_before_the_second_of_any(void **state)
{
	(void)state;
	hooks_with_something_to_be_told("{a}");
	test_db_sql("UPDATE jqm.webhook_delivery SET next_try_at = now() - interval '1 h'");
	hooks_with_something_to_be_told("{b,c}");
	assert_claimed("4, 0, 3, 9", NOTHING_BUSY, "a,a,b,c");
}

static void
to_one_host_only_some_are_on_their_way_out_of_each_lane(void **state)
{
	char *busy;

	(void)state;
	hooks_with_something_to_be_told("{a,b,c,d,e}");
	test_db_sql("UPDATE jqm.webhook SET url = 'http://one.Example.org:' || id || '/' WHERE "
		    "name IN ('a', 'b', 'c');"
		    "UPDATE jqm.webhook SET url = 'https://ONE.example.org?' || id WHERE name = "
		    "'d';"
		    "UPDATE jqm.webhook SET slow = true WHERE name IN ('c', 'd')");
	assert_claimed("10, 10, 1, 1", NOTHING_BUSY, "a,c!,e");
	/* Who was claimed as quick and is late counts where he was claimed. */
	busy = test_db_value("SELECT '''{}'', ''{' || id || '}'', ''{}''' FROM jqm.webhook WHERE "
			     "name = 'a'");
	assert_claimed("10, 10, 1, 1", busy, "c!,e");
	free(busy);
	test_db_sql("UPDATE jqm.webhook SET url = 'http://[2001:db8::' || id || ']:80/'");
	assert_claimed("10, 10, 1, 1", NOTHING_BUSY, "a,b,c!,d!,e");
}

/* How many: two of a hook that is not slow. */
#define CLAIM "SELECT count(*) FROM jqm.webhook_claim(10, 10, 2, 100, '{}', '{}', '{}', 60000)"

static void
one_slow_answer_makes_a_hook_slow_until_one_is_quick(void **state)
{
#define SLOW_IS(slow)                                                                       \
	"SELECT jqm.webhook_told(id, tries, 'DELIVERED', 'n', 1, 200, NULL, NULL, 0, " slow \
	") FROM jqm.webhook_delivery WHERE lease_until IS NOT NULL"
	(void)state;
	hooks_with_something_to_be_told("{tired}");
	for (int i = 0; i < 2; i++) {
		assert_value(CLAIM, i == 0 ? "2" : "1");
		test_db_sql(i == 0 ? SLOW_IS("true") : SLOW_IS("false"));
		assert_value("SELECT slow::text FROM jqm.webhook", i == 0 ? "true" : "false");
	}
	assert_value("SELECT count(*) FROM jqm.audit WHERE kind = 'webhook' AND name = 'tired' "
		     "AND action = 'update'",
		     "0");
}

#define with_nothing(test) cmocka_unit_test_setup(test, nothing_there)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_nothing(who_is_slow_or_fails_takes_no_place_of_the_others),
		with_nothing(who_does_not_answer_now_is_slow_already),
		with_nothing(the_first_of_each_hook_go_before_the_second_of_any),
		with_nothing(to_one_host_only_some_are_on_their_way_out_of_each_lane),
		with_nothing(one_slow_answer_makes_a_hook_slow_until_one_is_quick),
	};

	return cmocka_run_group_tests(tests, a_job_set_up, a_job_tear_down);
}
