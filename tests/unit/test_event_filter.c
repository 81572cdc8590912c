/* SPDX-License-Identifier: Apache-2.0 */
/* Who wants to hear of what: filters, limits, ids, tickets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypto/sealed_text.h"
#include "model/event_filter.h"
#include "model/event_id.h"
#include "model/event_ticket.h"
#include "model/value.h"
#include "tests/lib/a_pool.h"

static const struct event_facts a_job = { .texts = {
					      [EVENT_KIND] = "state",
					      [EVENT_JOB] = "42",
					      [EVENT_STATE] = "CRASHED",
					      [EVENT_QUEUE] = "NIGHT",
					      [EVENT_QUEUE_ID] = "2",
					      [EVENT_DEFINITION] = "Invoice \xc3\xa9t\xc3\xa9",
					      [EVENT_ACCOUNT] = "7",
					      [EVENT_USER] = "",
					  } };

static void
assert_matches(const char *query, bool wanted)
{
	struct event_filter filter;
	struct err err = ERR_INIT;

	if (event_filter_parse(query, &a_pool.memory, &filter, &err) == -1)
		fail_msg("%s: %s", query, err.text);
	if (event_filter_matches(&filter, &a_job) != wanted)
		fail_msg("%s: %s", query, wanted ? "is not his" : "is his");
}

static void
assert_refused(const char *query, const char *words)
{
	struct event_filter filter;
	struct err err = ERR_INIT;

	assert_int_equal(event_filter_parse(query, &a_pool.memory, &filter, &err), -1);
	assert_int_equal(err.kind, ERR_INVALID);
	if (strstr(err.text, words) == NULL)
		fail_msg("%s: \"%s\" does not say \"%s\"", query, err.text, words);
}

static void
a_filter_means_what_a_query_means(void **state)
{
	(void)state;
	assert_matches("", true);
	assert_matches("jobInstanceId=42", true);
	assert_matches("jobInstanceId=43", false);
	assert_matches("statuses=ENDED,CRASHED", true);
	assert_matches("statuses=ENDED", false);
	assert_matches("kinds=message,state", true);
	assert_matches("kinds=progress", false);
	assert_matches("queueName=NIGHT&statuses=CRASHED", true);
	assert_matches("queueName=NIGHT&statuses=ENDED", false);
	assert_matches("queueName=DAY&queueName=NIGHT", true);
	assert_matches("parentId=-1&queueId=2", true);
	assert_matches("parentId=0", true);
	assert_matches("parentId=5", false);
	assert_matches("user=", true);
	assert_matches("sessionId=", true);
	assert_matches("queueName=", false);
	assert_matches("user=x", false);
	assert_matches("&&lastEventId=x&", true);
}

static void
a_percent_sign_makes_a_pattern(void **state)
{
	(void)state;
	assert_matches("applicationName=Inv%25", true);
	assert_matches("applicationName=%25oice%25", true);
	assert_matches("applicationName=%25", true);
	assert_matches("applicationName=Invoice+_t%25", true);
	assert_matches("applicationName=Invoice+_t_%25%25", true);
	assert_matches("applicationName=Invoice+_t__%25", false);
	assert_matches("applicationName=Inv_%25x", false);
	assert_matches("applicationName=%25%C3%A9", true);
	assert_matches("applicationName=Invoice+_t_", false); /* without one it is no pattern */
	assert_matches("sessionId=%25", false);
}

static void
what_is_no_filter_is_refused_by_name(void **state)
{
	char long_query[EVENT_FILTER_BYTES_MAX + 2];
	char many[(EVENT_CONDITIONS_MAX + 1) * sizeof("&user=") + 1] = "";

	(void)state;
	assert_refused("colour=red", "\"colour\"");
	assert_refused("jobInstanceId=x", "\"jobInstanceId\"");
	assert_refused("jobInstanceId=-2", "\"jobInstanceId\"");
	assert_refused("jobInstanceId=", "\"jobInstanceId\"");
	assert_refused("statuses=CRASHED,BROKEN", "\"BROKEN\"");
	assert_refused("statuses=", "\"statuses\"");
	assert_refused("kinds=state,", "\"kinds\"");
	assert_refused("user=%4", "escapes");
	assert_refused("user=%ff", "UTF-8");
	assert_refused("user=a%00b", "escapes");
	memset(long_query, '&', sizeof(long_query) - 1);
	long_query[sizeof(long_query) - 1] = '\0';
	assert_refused(long_query, "longer");
	for (int i = 0; i <= EVENT_CONDITIONS_MAX; i++)
		strcat(many, i == 0 ? "user=" : "&user=");
	assert_refused(many, "at most");
}

static void
a_scope_covers_what_it_names_and_nothing_else(void **state)
{
	static const char *const none[] = { "queue=DAY", "definition=Inv", "own=70", "own=" };
	static const char *const one[] = { "queue=DAY", "own=7" };
	const char *items[4];
	struct text_list scope = { items, 4 };

	(void)state;
	assert_true(event_scope_covers(NULL, &a_job));
	memcpy(items, none, sizeof(none));
	assert_false(event_scope_covers(&scope, &a_job));
	memcpy(items, one, sizeof(one));
	scope.len = 2;
	assert_true(event_scope_covers(&scope, &a_job));
	scope.len = 0;
	assert_false(event_scope_covers(&scope, &a_job));
}

static void
an_id_says_which_transactions_were_heard(void **state)
{
	struct event_id id;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(event_id_read("0123456789abcdef-10:20:12,15", &a_pool.memory, &id, &err),
			 0);
	assert_string_equal(id.epoch, "0123456789abcdef");
	assert_true(event_snapshot_has(&id.snapshot, 9));
	assert_true(event_snapshot_has(&id.snapshot, 11));
	assert_false(event_snapshot_has(&id.snapshot, 12));
	assert_true(event_snapshot_has(&id.snapshot, 14));
	assert_false(event_snapshot_has(&id.snapshot, 15));
	assert_true(event_snapshot_has(&id.snapshot, 19));
	assert_false(event_snapshot_has(&id.snapshot, 20));
}

static void
what_is_no_id_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"7",
		"0123456789abcdef",
		"0123456789abcdef-",
		"0123456789abcdef-1",
		"0123456789abcdef-1:2",
		"0123456789abcdef-2:1:",
		"0123456789abcdef-1:5:9",
		"0123456789abcdef-1:5:0",
		"0123456789abcdef-1:5:3,3",
		"0123456789abcdef-1:5:3,2",
		"0123456789abcdef-1:5:3,",
		"0123456789abcdef-0:5:",
		"0123456789abcdef--1:5:",
		"0123456789ABCDEF-1:5:",
		"0123456789abcdef-1:5:3;x",
		"0123456789abcdef-99999999999999999999:99999999999999999999:",
		"0123456789abcde-1:5:",
		"0123456789abcdeff-1:5:",
	};
	char long_id[EVENT_LAST_ID_BYTES_MAX + 2] = "0123456789abcdef-1:5:";
	struct event_id id;
	struct err err = ERR_INIT;
	size_t len = strlen(long_id);

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (event_id_read(bad[i], &a_pool.memory, &id, &err) == 0)
			fail_msg("\"%s\" is an id", bad[i]);
	memset(long_id + len, '1', sizeof(long_id) - 1 - len);
	assert_int_equal(event_id_read(long_id, &a_pool.memory, &id, &err), -1);
}

static void
a_ticket_is_read_as_it_was_written(void **state)
{
	const char *items[] = { "queue=a&b=c.%", "own=7" };
	struct text_list scope = { items, 2 };
	struct event_ticket ticket = { .until_ms = 5,
				       .account_id = 7,
				       .account_stamp = -8,
				       .session_id = 9,
				       .filter = "user=a%20b&kinds=state",
				       .last_event_id = "0123456789abcdef-1:5:3",
				       .scope = &scope };
	struct event_ticket got;
	struct buf out = BUF_INIT(10000);
	struct err err = ERR_INIT;

	(void)state;
	event_ticket_write(&ticket, &out);
	assert_int_equal(event_ticket_read(buf_text(&out), &a_pool.memory, &got, &err), 0);
	assert_int_equal(got.until_ms, 5);
	assert_int_equal(got.account_id, 7);
	assert_int_equal(got.account_stamp, -8);
	assert_int_equal(got.session_id, 9);
	assert_string_equal(got.filter, ticket.filter);
	assert_string_equal(got.last_event_id, ticket.last_event_id);
	assert_int_equal(got.scope->len, 2);
	assert_string_equal(got.scope->items[0], items[0]);
	assert_string_equal(got.scope->items[1], items[1]);
	buf_free(&out);
}

static void
no_limit_is_another_ticket_than_a_limit_to_nothing(void **state)
{
	struct text_list nothing = { NULL, 0 };
	struct event_ticket ticket = { .filter = "", .last_event_id = "", .scope = NULL };
	struct event_ticket got;
	struct buf out = BUF_INIT(10000);
	struct err err = ERR_INIT;

	(void)state;
	event_ticket_write(&ticket, &out);
	assert_int_equal(event_ticket_read(buf_text(&out), &a_pool.memory, &got, &err), 0);
	assert_null(got.scope);
	out.len = 0;
	ticket.scope = &nothing;
	event_ticket_write(&ticket, &out);
	assert_int_equal(event_ticket_read(buf_text(&out), &a_pool.memory, &got, &err), 0);
	assert_non_null(got.scope);
	assert_int_equal(got.scope->len, 0);
	buf_free(&out);
}

static void
what_is_no_ticket_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"until=1",
		"until=1&account=1&stamp=1&session=1&filter=",
		"until=x&account=1&stamp=1&session=1&filter=&after=&",
		"account=1&until=1&stamp=1&session=1&filter=&after=&",
		"until=1&account=1&stamp=1&session=1&filter=%4&after=&",
		"until=1&account=1&stamp=1&session=1&filter=&after=&scope=own&",
		"until=1&account=1&stamp=1&session=1&filter=&after=&scopes=2&scope=own&",
		"until=1&account=1&stamp=1&session=1&filter=&after=&scopes=0&scope=own&",
		"until=1&account=1&stamp=1&session=1&filter=&after=&scopes=-1&",
		"until=1&account=1&stamp=1&session=1&filter=&after=&scopes=99999999&",
	};
	struct event_ticket got;
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (event_ticket_read(bad[i], &a_pool.memory, &got, &err) == 0)
			fail_msg("\"%s\" is a ticket", bad[i]);
}

static void
a_seal_opens_with_its_key_and_for_its_text_only(void **state)
{
	struct buf out = BUF_INIT(1000);
	struct err err = ERR_INIT;
	char text[200];

	(void)state;
	assert_int_equal(sealed_text_write("key", "a.b", &out, &err), 0);
	strcpy(text, buf_text(&out));
	assert_int_equal(sealed_text_open("key", text, &err), 0);
	assert_string_equal(text, "a.b");
	strcpy(text, buf_text(&out));
	assert_int_equal(sealed_text_open("another", text, &err), -1);
	assert_int_equal(err.kind, ERR_DENIED);
	for (size_t i = 0; i < out.len; i++) {
		strcpy(text, buf_text(&out));
		text[i] = text[i] == '0' ? '1' : '0';
		assert_int_equal(sealed_text_open("key", text, &err), -1);
	}
	strcpy(text, buf_text(&out) + 4);
	assert_int_equal(sealed_text_open("key", text, &err), -1);
	text[0] = '\0';
	assert_int_equal(sealed_text_open("key", text, &err), -1);
	buf_free(&out);
}

#define with_pool(test) cmocka_unit_test_setup_teardown(test, a_pool_set_up, a_pool_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_pool(a_filter_means_what_a_query_means),
		with_pool(a_percent_sign_makes_a_pattern),
		with_pool(what_is_no_filter_is_refused_by_name),
		with_pool(a_scope_covers_what_it_names_and_nothing_else),
		with_pool(an_id_says_which_transactions_were_heard),
		with_pool(what_is_no_id_is_refused),
		with_pool(a_ticket_is_read_as_it_was_written),
		with_pool(no_limit_is_another_ticket_than_a_limit_to_nothing),
		with_pool(what_is_no_ticket_is_refused),
		with_pool(a_seal_opens_with_its_key_and_for_its_text_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
