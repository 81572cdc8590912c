/* SPDX-License-Identifier: Apache-2.0 */
/* cli/follow.c: a growing log is shown whole and once, whatever the server does meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "cli/follow.h"
#include "client/http_client.h"

#define LEN(list) (sizeof(list) / sizeof((list)[0]))

/* What the server does in one round, between two waits. */
struct round {
	const char *appended; /* to the log, before the state is asked */
	const char *after_state; /* to the log, between the state and the log */
	bool over; /* what the state says */
	bool state_fails, read_fails; /* ERR_BUSY */
	size_t cut; /* a read breaks after that many bytes (0: does not) */
	bool denied; /* the state is refused for good */
	int takes_ms; /* until the state is told, or refused */
	size_t shrink_to; /* the log is shortened to so many bytes (0: is not) */
	size_t piece; /* a read passes on so many bytes at most (0: all) */
	bool floods; /* each read is followed by one more byte */
};

struct fake {
	const struct round *rounds; /* the last one goes on for ever */
	size_t rounds_len;
	size_t round;
	bool exists; /* the log */
	struct buf log; /* on the server */
	struct buf shown;
	int waits, waited_ms, longest_ms, notices;
	int64_t now_ms;
	int wait_ms[20];
};

static void
fake_append(struct fake *fake, const char *text)
{
	if (text == NULL)
		return;
	fake->exists = true;
	buf_puts(&fake->log, text);
}

static int
fake_is_over(void *arg, struct err *err)
{
	struct fake *fake = arg;
	const struct round *round = &fake->rounds[fake->round];

	fake->now_ms += round->takes_ms;
	fake_append(fake, round->appended);
	if (round->shrink_to > 0) {
		fake->log.len = round->shrink_to;
		fake->log.data[fake->log.len] = '\0';
	}
	if (round->denied)
		return err_set(err, ERR_DENIED, "not any more");
	if (round->state_fails)
		return err_set(err, ERR_BUSY, "no answer");
	fake_append(fake, round->after_state);
	return round->over;
}

static int
fake_read(void *arg, int stream, int64_t *offset, enum follow_answer *answer_out, struct err *err)
{
	struct fake *fake = arg;
	const struct round *round = &fake->rounds[fake->round];
	size_t len;

	if (stream != 0) {
		*answer_out = FOLLOW_ABSENT;
		return 0;
	}
	if (round->read_fails)
		return err_set(err, ERR_BUSY, "no answer");
	if (!fake->exists) {
		*answer_out = FOLLOW_ABSENT;
		return 0;
	}
	if (*offset > (int64_t)fake->log.len) {
		*offset = 0;
		*answer_out = FOLLOW_SHORTER;
		return 0;
	}
	len = fake->log.len - (size_t)*offset;
	*answer_out = len == 0 ? FOLLOW_NOTHING : FOLLOW_BYTES;
	if (round->cut > 0 && round->cut < len)
		len = round->cut;
	if (round->piece > 0 && round->piece < len)
		len = round->piece;
	buf_append(&fake->shown, buf_text(&fake->log) + *offset, len);
	*offset += (int64_t)len;
	if (round->floods)
		buf_putc(&fake->log, 'x');
	if (*offset < (int64_t)fake->log.len)
		*answer_out = FOLLOW_MORE;
	if (round->cut > 0)
		return err_set(err, ERR_BUSY, "connection lost");
	return 0;
}

static void
fake_wait(void *arg, int ms)
{
	struct fake *fake = arg;

	if (fake->waits < 20)
		fake->wait_ms[fake->waits] = ms;
	fake->waits++;
	fake->waited_ms += ms;
	fake->now_ms += ms;
	if (ms > fake->longest_ms)
		fake->longest_ms = ms;
	if (fake->round + 1 < fake->rounds_len)
		fake->round++;
}

static int64_t
fake_now_ms(void *arg)
{
	const struct fake *fake = arg;

	return fake->now_ms;
}

static void
fake_notice(void *arg, const char *text)
{
	struct fake *fake = arg;

	assert_true(text[0] != '\0');
	fake->notices++;
}

static int
run(struct fake *fake, const struct round *rounds, size_t rounds_len, int n_streams,
    struct follow_result *result, struct err *err)
{
	struct follow_source source = { fake,      fake_read,   fake_is_over,
					fake_wait, fake_now_ms, fake_notice };

	*fake = (struct fake){ .rounds = rounds,
			       .rounds_len = rounds_len,
			       .log = BUF_INIT(1 << 20),
			       .shown = BUF_INIT(1 << 20) };
	return follow(&source, n_streams, result, err);
}

static void
fake_free(struct fake *fake)
{
	buf_free(&fake->log);
	buf_free(&fake->shown);
}

static void
assert_shown(const struct round *rounds, size_t rounds_len, const char *expected)
{
	struct follow_result result;
	struct err err = ERR_INIT;
	struct fake fake;

	if (run(&fake, rounds, rounds_len, 1, &result, &err) == -1)
		fail_msg("failed: %s", err.text);
	assert_string_equal(buf_text(&fake.shown), expected);
	assert_false(result.absent[0]);
	fake_free(&fake);
}

static void
a_growing_log_is_shown_once(void **state)
{
	const struct round rounds[] = { { .appended = "one\n" },
					{ .appended = "two\nthr" },
					{ .appended = NULL },
					{ .appended = "ee\n" },
					{ .over = true } };

	(void)state;
	assert_shown(rounds, LEN(rounds), "one\ntwo\nthree\n");
}

static void
what_is_written_just_before_the_end_is_shown(void **state)
{
	/* The job ends after its state was asked: the next round sees the end and the rest. */
	const struct round late[] = { { .appended = "a", .after_state = "b" },
				      { .appended = "c", .over = true } };
	const struct round at_once[] = { { .appended = "all", .over = true } };

	(void)state;
	assert_shown(late, LEN(late), "abc");
	assert_shown(at_once, LEN(at_once), "all");
}

static void
a_log_that_is_not_there_yet_is_waited_for(void **state)
{
	const struct round rounds[] = {
		{ .over = false }, { .over = false }, { .appended = "x" }, { .over = true }
	};

	(void)state;
	assert_shown(rounds, LEN(rounds), "x");
}

static void
a_job_that_never_started_has_no_log(void **state)
{
	const struct round rounds[] = { { .over = false }, { .over = true } };
	struct follow_result result;
	struct err err = ERR_INIT;
	struct fake fake;

	(void)state;
	assert_int_equal(run(&fake, rounds, LEN(rounds), 2, &result, &err), 0);
	assert_true(result.absent[0]);
	assert_true(result.absent[1]);
	assert_int_equal(fake.shown.len, 0);
	fake_free(&fake);
}

static void
a_broken_connection_loses_and_doubles_nothing(void **state)
{
	const struct round rounds[] = { { .appended = "0123456789", .cut = 3 },
					{ .cut = 4 },
					{ .state_fails = true, .appended = "abc" },
					{ .read_fails = true, .over = true },
					{ .over = true, .cut = 1 },
					{ .over = true } };

	(void)state;
	assert_shown(rounds, LEN(rounds), "0123456789abc");
}

static void
a_log_its_job_emptied_is_told_and_shown_from_its_new_beginning(void **state)
{
	const struct round rounds[] = { { .appended = "0123456789" },
					{ .shrink_to = 4 },
					{ .appended = "ab" },
					{ .over = true } };
	struct follow_result result;
	struct err err = ERR_INIT;
	struct fake fake;

	(void)state;
	assert_int_equal(run(&fake, rounds, LEN(rounds), 1, &result, &err), 0);
	assert_string_equal(buf_text(&fake.shown), "01234567890123ab");
	assert_int_equal(fake.notices, 1);
	fake_free(&fake);
}

static void
a_log_in_pieces_is_read_to_its_end_without_waiting(void **state)
{
	const struct round rounds[] = { { .appended = "0123456789", .piece = 3 },
					{ .appended = "abcdef", .piece = 1, .over = true } };
	struct follow_result result;
	struct err err = ERR_INIT;
	struct fake fake;

	(void)state;
	assert_int_equal(run(&fake, rounds, LEN(rounds), 1, &result, &err), 0);
	assert_string_equal(buf_text(&fake.shown), "0123456789abcdef");
	assert_int_equal(fake.waits, 1);
	fake_free(&fake);
}

static void
a_log_that_grows_as_fast_as_it_is_read_keeps_nothing_else_waiting(void **state)
{
	const struct round rounds[] = { { .appended = "0", .piece = 1, .floods = true },
					{ .over = true } };
	struct follow_result result;
	struct err err = ERR_INIT;
	struct fake fake;

	(void)state;
	assert_int_equal(run(&fake, rounds, LEN(rounds), 1, &result, &err), 0);
	assert_int_equal(fake.waits, 1);
	assert_int_equal(fake.shown.len, FOLLOW_READS_MAX + 1);
	fake_free(&fake);
}

static void
waits_grow_and_start_again_when_something_comes(void **state)
{
	const struct round rounds[] = { { .appended = "a" }, { .over = false }, { .over = false },
					{ .over = false },   { .over = false }, { .over = false },
					{ .appended = "b" }, { .over = false }, { .over = true } };
	static const int expected[] = { 100, 200, 400, 800, 1000, 1000, 100, 200 };
	struct follow_result result;
	struct err err = ERR_INIT;
	struct fake fake;

	(void)state;
	assert_int_equal(run(&fake, rounds, LEN(rounds), 1, &result, &err), 0);
	assert_int_equal(fake.waits, 8);
	for (int i = 0; i < 8; i++)
		assert_int_equal(fake.wait_ms[i], expected[i]);
	fake_free(&fake);
}

static void
a_server_that_stays_away_is_given_up(void **state)
{
	const struct round rounds[] = { { .appended = "a" }, { .state_fails = true } };
	struct follow_result result;
	struct err err = ERR_INIT;
	struct fake fake;

	(void)state;
	assert_int_equal(run(&fake, rounds, LEN(rounds), 1, &result, &err), -1);
	assert_int_equal(err.kind, ERR_BUSY);
	assert_in_range(fake.waited_ms, FOLLOW_PATIENCE_MS, FOLLOW_PATIENCE_MS + 3000);
	assert_int_equal(fake.longest_ms, FOLLOW_WAIT_MAX_MS);
	assert_int_equal(fake.notices, 1); /* once, not at each try */
	assert_string_equal(buf_text(&fake.shown), "a");
	fake_free(&fake);
}

static void
tries_that_take_long_count_for_the_patience_too(void **state)
{
	const struct round rounds[] = { { .appended = "a" },
					{ .state_fails = true, .takes_ms = 10000 } };
	struct follow_result result;
	struct err err = ERR_INIT;
	struct fake fake;

	(void)state;
	assert_int_equal(run(&fake, rounds, LEN(rounds), 1, &result, &err), -1);
	assert_in_range(fake.now_ms, FOLLOW_PATIENCE_MS, FOLLOW_PATIENCE_MS + 22000);
	fake_free(&fake);
}

static void
a_refusal_ends_at_once(void **state)
{
	const struct round rounds[] = { { .appended = "a" }, { .denied = true } };
	struct follow_result result;
	struct err err = ERR_INIT;
	struct fake fake;

	(void)state;
	assert_int_equal(run(&fake, rounds, LEN(rounds), 1, &result, &err), -1);
	assert_int_equal(err.kind, ERR_DENIED);
	assert_int_equal(fake.waits, 1);
	fake_free(&fake);
}

static void
waiting_alone_needs_no_log(void **state)
{
	const struct round rounds[] = { { .over = false }, { .over = true } };
	struct follow_result result;
	struct err err = ERR_INIT;
	struct fake fake;

	(void)state;
	assert_int_equal(run(&fake, rounds, LEN(rounds), 0, &result, &err), 0);
	assert_int_equal(fake.waits, 1);
	fake_free(&fake);
}

static void
content_ranges_are_read(void **state)
{
	static const struct {
		const char *text;
		int64_t start, total;
	} cases[] = {
		{ "bytes 5-9/10", 5, 10 },
		{ "bytes */10", -1, 10 },
		{ "bytes 0-0/1 ", 0, 1 },
		{ "bytes 5-9/*", -1, -1 },
		{ "bytes -1-9/10", -1, -1 },
		{ "bytes x/10", -1, -1 },
		{ "bytes 5-9", -1, -1 },
		{ "lines 5-9/10", -1, -1 },
		{ "", -1, -1 },
		{ "bytes 99999999999999999999-9/10", -1, -1 },
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct http_reply reply = HTTP_REPLY_INIT;

		print_message("case: \"%s\"\n", cases[i].text);
		http_content_range(cases[i].text, &reply);
		assert_true(reply.range_start == cases[i].start);
		assert_true(reply.range_total == cases[i].total);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_growing_log_is_shown_once),
		cmocka_unit_test(what_is_written_just_before_the_end_is_shown),
		cmocka_unit_test(a_log_that_is_not_there_yet_is_waited_for),
		cmocka_unit_test(a_job_that_never_started_has_no_log),
		cmocka_unit_test(a_broken_connection_loses_and_doubles_nothing),
		cmocka_unit_test(a_log_its_job_emptied_is_told_and_shown_from_its_new_beginning),
		cmocka_unit_test(a_log_in_pieces_is_read_to_its_end_without_waiting),
		cmocka_unit_test(a_log_that_grows_as_fast_as_it_is_read_keeps_nothing_else_waiting),
		cmocka_unit_test(waits_grow_and_start_again_when_something_comes),
		cmocka_unit_test(a_server_that_stays_away_is_given_up),
		cmocka_unit_test(tries_that_take_long_count_for_the_patience_too),
		cmocka_unit_test(a_refusal_ends_at_once),
		cmocka_unit_test(waiting_alone_needs_no_log),
		cmocka_unit_test(content_ranges_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
