/* SPDX-License-Identifier: Apache-2.0 */
/* What a listener is sent: the ring, pieces, gaps; and what nginx asks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "events/event_ring.h"
#include "events/http_request.h"
#include "events/listener.h"
#include "events/source.h"

#define EPOCH "0123456789abcdef"
#define DATA_BYTES 1000

/* A source without a database, and one who listens to it; he reads at the other end. */
static struct source *source;
static struct listener *him;
static int other_end;
static char heard[1 << 20];
static char data[DATA_BYTES + 1];

static int
set_up(void **state)
{
	int pair[2];

	(void)state;
	source = calloc(1, sizeof(*source));
	assert_non_null(source);
	event_ring_init(&source->ring, 100000);
	source->begun = source->sure = true;
	strcpy(source->epoch, EPOCH);
	strcpy(source->id, EPOCH "-10:10:");
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	him = listener_new(pair[0], 0);
	other_end = pair[1];
	memset(data, 'x', DATA_BYTES);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	listener_free(him);
	if (other_end != -1)
		(void)close(other_end);
	event_ring_clear(&source->ring, 0);
	free(source);
	return 0;
}

static void
happens(uint64_t xid, const char *job, const char *what)
{
	const struct event_facts facts = { .texts = { [EVENT_KIND] = "state", [EVENT_JOB] = job } };

	event_ring_add(&source->ring, event_new(xid, &facts, what));
}

/* What was read together ends here. */
static void
is_looked(int xmax)
{
	(void)snprintf(source->id, sizeof(source->id), EPOCH "-%d:%d:", xmax, xmax);
	event_ring_add(&source->ring, event_new_mark(source->id));
}

static const char *
hears(void)
{
	size_t len = 0;
	ssize_t n;

	do {
		assert_true(listener_send(him, source, 0));
		n = read(other_end, heard + len, sizeof(heard) - 1 - len);
		if (n > 0)
			len += (size_t)n;
	} while (n > 0);
	heard[len] = '\0';
	return heard;
}

static void
comes(const char *last_event_id)
{
	struct err err = ERR_INIT;

	if (last_event_id != NULL)
		assert_int_equal(
		    event_id_read(last_event_id, &him->memory.memory, &him->last, &err), 0);
	listener_begin(him, source);
}

static void
who_comes_is_told_from_where_on_he_hears(void **state)
{
	(void)state;
	happens(9, "1", "{}");
	is_looked(10);
	comes(NULL);
	assert_string_equal(hears(), "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
				     "Connection: close\r\n\r\n"
				     "retry: 2000\nevent: hello\nid: " EPOCH
				     "-10:10:\ndata: {\"goesOn\":false}\n\n");
	assert_false(him->wants_write);
	assert_string_equal(hears(), "");
}

static void
the_last_event_of_a_look_bears_the_id(void **state)
{
	(void)state;
	comes(NULL);
	(void)hears();
	happens(10, "1", "{\"a\":1}");
	happens(11, "2", "{\"a\":2}");
	is_looked(12);
	assert_string_equal(hears(), "event: state\ndata: {\"a\":1}\n\n"
				     "event: state\ndata: {\"a\":2}\nid: " EPOCH "-12:12:\n\n");
}

static void
what_a_filter_leaves_out_is_not_sent(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(
	    event_filter_parse("jobInstanceId=2", &him->memory.memory, &him->filter, &err), 0);
	comes(NULL);
	(void)hears();
	happens(10, "1", "{\"a\":1}");
	is_looked(11);
	assert_string_equal(hears(), "");
	happens(11, "2", "{\"a\":2}");
	happens(12, "1", "{\"a\":1}");
	is_looked(13);
	assert_string_equal(hears(), "event: state\ndata: {\"a\":2}\nid: " EPOCH "-13:13:\n\n");
}

static void
who_comes_again_hears_what_he_missed_and_nothing_twice(void **state)
{
	(void)state;
	happens(9, "1", "{\"a\":1}");
	happens(5, "2", "{\"a\":2}"); /* committed after that */
	is_looked(10);
	happens(11, "3", "{\"a\":3}");
	is_looked(12);
	comes(EPOCH "-5:10:5");
	assert_non_null(strstr(hears(), "\"goesOn\":true"));
	assert_null(strstr(heard, "event: gap"));
	assert_null(strstr(heard, "{\"a\":1}"));
	assert_non_null(strstr(heard, "{\"a\":2}"));
	assert_non_null(strstr(heard, "{\"a\":3}"));
	happens(9, "1", "{\"a\":9}"); /* what comes from now on is new, whatever its number */
	is_looked(13);
	assert_non_null(strstr(hears(), "{\"a\":9}"));
}

static void
who_comes_too_late_is_told_to_read_afresh(void **state)
{
	(void)state;
	source->ring.forgotten = 20;
	happens(25, "1", "{\"a\":1}");
	is_looked(26);
	comes(EPOCH "-20:20:");
	assert_non_null(strstr(hears(), "\"goesOn\":false"));
	assert_non_null(strstr(heard, "event: gap\nid: " EPOCH "-26:26:\n"));
	assert_null(strstr(heard, "{\"a\":1}"));
}

static void
an_id_of_another_source_is_a_gap(void **state)
{
	(void)state;
	comes("fedcba9876543210-9:9:");
	assert_non_null(strstr(hears(), "event: gap"));
}

static void
who_does_not_read_holds_no_more_than_a_piece(void **state)
{
	(void)state;
	comes(NULL);
	(void)hears();
	for (int i = 0; i < 2000; i++) {
		happens(10 + (uint64_t)i, "1", data);
		is_looked(11 + i);
		assert_true(listener_send(him, source, 0));
		assert_true(him->rest_len <= LISTENER_PIECE_BYTES);
	}
	assert_true(him->wants_write);
	assert_true(source->ring.bytes <= 100000);
}

static void
who_reads_too_slowly_is_told_of_the_gap_between_two_whole_events(void **state)
{
	static const char begin[] = "event: state\ndata: ";
	char *gap;

	(void)state;
	comes(NULL);
	for (int i = 0; i < 2000; i++) {
		happens(10 + (uint64_t)i, "1", data);
		if (i % 3 == 0)
			is_looked(11 + i);
		assert_true(listener_send(him, source, 0));
	}
	is_looked(3000);
	gap = strstr(hears(), "event: gap\nid: " EPOCH "-3000:3000:\ndata: {}\n\n");
	assert_non_null(gap);
	assert_memory_equal(gap - 2, "\n\n", 2);
	for (const char *at = strstr(heard, begin); at != NULL && at < gap;
	     at = strstr(at + 1, begin))
		assert_memory_equal(at + sizeof(begin) - 1 + DATA_BYTES, "\n", 1);
	happens(5000, "1", "{\"after\":1}");
	is_looked(5001);
	assert_non_null(strstr(hears(), "{\"after\":1}"));
}

static void
nobody_is_told_a_gap_before_it_is_known_what_follows(void **state)
{
	(void)state;
	comes(NULL);
	(void)hears();
	source->begun = false;
	listener_skip(him, source);
	assert_string_equal(hears(), "");
	source->begun = true;
	strcpy(source->id, "fedcba9876543210-1:1:");
	assert_string_equal(hears(), "event: gap\nid: fedcba9876543210-1:1:\ndata: {}\n\n");
}

static void
a_sign_of_life_bears_the_id(void **state)
{
	(void)state;
	comes(NULL);
	(void)hears();
	strcpy(source->id, EPOCH "-77:77:");
	assert_true(listener_keep_alive(him, source, 0));
	assert_string_equal(hears(), "id: " EPOCH "-77:77:\n\n");
	source->wanted = true;
	assert_true(listener_keep_alive(him, source, 3600000));
	assert_string_equal(hears(), ": the database is away\n\n");
}

static void
who_has_gone_is_noticed(void **state)
{
	(void)state;
	comes(NULL);
	(void)hears();
	(void)close(other_end);
	other_end = -1;
	happens(10, "1", "{}");
	is_looked(11);
	assert_false(listener_send(him, source, 0));
}

static int
status_of(const char *text, struct http_request *out)
{
	static char copy[HTTP_REQUEST_BYTES_MAX + 1];

	strcpy(copy, text);
	return http_request_read(copy, strlen(copy), out);
}

static void
a_request_is_read_when_it_is_complete(void **state)
{
	struct http_request got;

	(void)state;
	assert_int_equal(status_of("GET / HTTP/1.1\r\nHost: x\r\n", &got), 0);
	assert_int_equal(status_of("GET / HTTP/1.1\r\nHost: x\r\njqm-events-ticket:  a.b "
				   "\r\nJQM-Request-Id: 7f\r\n\r\n",
				   &got),
			 200);
	assert_string_equal(got.ticket, "a.b");
	assert_string_equal(got.id, "7f");
}

static void
what_nginx_would_not_ask_is_refused(void **state)
{
	char big[HTTP_REQUEST_BYTES_MAX + 1];
	struct http_request got;
	char with_nul[] = "GET / HTTP/1.1\r\nJQM-Events-Ticket: a\0b\r\n\r\n";

	(void)state;
	assert_int_equal(status_of("POST / HTTP/1.1\r\nJQM-Events-Ticket: x\r\n\r\n", &got), 405);
	assert_int_equal(status_of("HEAD / HTTP/1.1\r\nJQM-Events-Ticket: x\r\n\r\n", &got), 405);
	assert_int_equal(status_of("GET / FTP\r\nJQM-Events-Ticket: x\r\n\r\n", &got), 400);
	assert_int_equal(status_of("GET / HTTP/1.1\r\nHost: x\r\n\r\n", &got), 400);
	assert_int_equal(status_of("\r\n\r\n", &got), 405);
	assert_int_equal(http_request_read(with_nul, sizeof(with_nul) - 1, &got), 400);
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	assert_int_equal(status_of(big, &got), 431);
}

static void
a_refusal_is_an_error_object_and_says_when_to_come_again(void **state)
{
	struct buf out = BUF_INIT(10000);

	(void)state;
	http_refusal(&out, 503, "a \"b\" \\ c", "7f");
	assert_non_null(strstr(buf_text(&out), "\"requestId\":\"7f\"}"));
	assert_non_null(strstr(buf_text(&out), "HTTP/1.1 503 Service Unavailable\r\n"));
	assert_non_null(strstr(buf_text(&out), "Retry-After: 10\r\n"));
	assert_non_null(strstr(buf_text(&out), "\"userReadableMessage\":\"a \\\"b\\\" \\\\ c\""));
	buf_free(&out);
}

#define with_him(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_him(who_comes_is_told_from_where_on_he_hears),
		with_him(the_last_event_of_a_look_bears_the_id),
		with_him(what_a_filter_leaves_out_is_not_sent),
		with_him(who_comes_again_hears_what_he_missed_and_nothing_twice),
		with_him(who_comes_too_late_is_told_to_read_afresh),
		with_him(an_id_of_another_source_is_a_gap),
		with_him(who_does_not_read_holds_no_more_than_a_piece),
		with_him(who_reads_too_slowly_is_told_of_the_gap_between_two_whole_events),
		with_him(nobody_is_told_a_gap_before_it_is_known_what_follows),
		with_him(a_sign_of_life_bears_the_id),
		with_him(who_has_gone_is_noticed),
		cmocka_unit_test(a_request_is_read_when_it_is_complete),
		cmocka_unit_test(what_nginx_would_not_ask_is_refused),
		cmocka_unit_test(a_refusal_is_an_error_object_and_says_when_to_come_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
