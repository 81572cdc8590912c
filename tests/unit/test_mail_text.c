/* SPDX-License-Identifier: Apache-2.0 */
/* notifier/mail_text.h, mime.h: a mail's headers and text, whatever the job is called. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "notifier/mail_text.h"
#include "notifier/mime.h"

#define LEN(array) (sizeof(array) / sizeof((array)[0]))
#define ROOM ((size_t)2 * 1024 * 1024)

static struct mail
a_mail(void)
{
	return (struct mail){
		.id = 7,
		.try = 2,
		.created_us = INT64_C(1769854830123456), /* 2026-01-31 10:20:30 */
		.job_id = 12,
		.recipient = "ops@example.org",
		.definition = "NightlyBilling",
		.state = "ENDED",
		.exit_code = "0",
		.queue = "DEFAULT",
		.node = "n1",
		.user = "bob",
		.parent = "5",
		.session = "s1",
		.attempt = "1",
		.failures = "0",
		.enqueued = "2026-01-31 10:20:00 UTC",
		.started = "2026-01-31 10:20:10 UTC",
		.ended = "2026-01-31 10:20:30 UTC",
		.files = "a.csv\nb.csv",
		.file_count = 2,
	};
}

static char *
text_of(const struct mail *mail)
{
	struct buf out = BUF_INIT(ROOM);
	struct err err = ERR_INIT;

	mail_text_write(&out, mail, "jqm@example.org");
	assert_int_equal(buf_check(&out, &err), 0);
	return buf_take(&out);
}

static void
assert_holds(const char *text, const char *words)
{
	if (strstr(text, words) == NULL)
		fail_msg("\"%s\" is missing in:\n%s", words, text);
}

static void
a_mail_has_all_its_headers_and_the_facts_of_its_job(void **state)
{
	static const char *const words[] = {
		"Date: Sat, 31 Jan 2026 10:20:30 +0000\r\n",
		"\r\nFrom: jqm@example.org\r\nTo: ops@example.org\r\n",
		"\r\nSubject: [JQM] Job 12 NightlyBilling ENDED\r\n",
		"\r\nMessage-ID: <jqm.7.1769854830123456@example.org>\r\n",
		"\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n",
		"\r\n\r\nJob 12 NightlyBilling ENDED\r\n",
		"\r\nExit code:   0\r\n",
		"\r\nAttempts:    1\r\n",
		"\r\nQueue:       DEFAULT\r\nNode:        n1\r\nUser:        bob\r\n",
		"\r\nSession:     s1\r\nParent job:  5\r\n",
		"\r\nEnqueued:    2026-01-31 10:20:00 UTC\r\n",
		"\r\nStarted:     2026-01-31 10:20:10 UTC\r\n",
		"\r\nEnded:       2026-01-31 10:20:30 UTC\r\n",
		"\r\nDelivered files: 2\r\n  a.csv\r\n  b.csv\r\n",
		"\r\nMore of it:       jqm job 12\r\nWhat it printed:  jqm log 12\r\n",
		"\r\nIts files:        jqm files 12\r\n",
	};
	struct mail mail = a_mail();
	char *text = text_of(&mail);

	(void)state;
	for (size_t i = 0; i < LEN(words); i++)
		assert_holds(text, words[i]);
	free(text);
}

static void
each_outcome_has_its_subject(void **state)
{
	static const struct {
		const char *state, *exit_code, *signal, *reason;
		bool is_late;
		const char *minutes, *subject;
	} cases[] = {
		{ "ENDED", "0", NULL, NULL, false, NULL, "ENDED" },
		{ "CRASHED", "3", NULL, "exit code 3", false, NULL, "CRASHED: exit code 3" },
		{ "CRASHED", "3", NULL, NULL, false, NULL, "CRASHED: exit code 3" },
		{ "CRASHED", NULL, "11", NULL, false, NULL, "CRASHED: killed by signal 11" },
		{ "CRASHED", NULL, NULL, "no such file", false, NULL, "CRASHED: no such file" },
		{ "KILLED", NULL, "15", "killed by bob", false, NULL, "KILLED: killed by bob" },
		{ "CANCELLED", NULL, NULL, "cancelled by bob", false, NULL,
		  "CANCELLED: cancelled by bob" },
		{ "RUNNING", NULL, NULL, NULL, true, "30", "runs longer than 30 min" },
		{ "RUNNING", NULL, NULL, NULL, true, NULL, "runs longer than expected" },
		{ "ENDED", "0", NULL, NULL, true, "30", "ran longer than 30 min" },
	};

	(void)state;
	for (size_t i = 0; i < LEN(cases); i++) {
		struct mail mail = a_mail();
		char *text, *line;

		mail.state = cases[i].state;
		mail.exit_code = cases[i].exit_code;
		mail.signal = cases[i].signal;
		mail.reason = cases[i].reason;
		mail.is_late = cases[i].is_late;
		mail.alert_after_min = cases[i].minutes;
		text = text_of(&mail);
		line =
		    str_printf("\r\nSubject: [JQM] Job 12 NightlyBilling %s\r\n", cases[i].subject);
		assert_holds(text, line);
		free(line);
		free(text);
	}
}

static void
what_a_job_has_not_is_not_mentioned(void **state)
{
	struct mail mail = { .job_id = 1,
			     .definition = "X",
			     .state = "CANCELLED",
			     .recipient = "a@b",
			     .attempt = "0",
			     .reason = "cancelled" };
	char *text = text_of(&mail);

	(void)state;
	assert_null(strstr(text, "null"));
	assert_null(strstr(text, "Node:"));
	assert_null(strstr(text, "Started:"));
	assert_null(strstr(text, "Attempts:"));
	assert_null(strstr(text, "files"));
	assert_holds(text, "jqm job 1\r\n");
	assert_null(strstr(text, "jqm log"));
	free(text);
}

static void
a_signal_and_earlier_attempts_are_told(void **state)
{
	struct mail mail = a_mail();
	char *text;

	(void)state;
	mail.signal = "11";
	mail.attempt = "3";
	mail.failures = "2";
	mail.file_count = 120;
	text = text_of(&mail);
	assert_holds(text, "\r\nSignal:      11 (Segmentation fault)\r\n");
	assert_holds(text, "\r\nAttempts:    3, of which 2 failed before\r\n");
	assert_holds(text, "\r\n  b.csv\r\n  and 118 more\r\n");
	free(text);
}

static void
a_mail_is_the_same_bytes_at_each_try(void **state)
{
	struct mail mail = a_mail();
	char *first = text_of(&mail), *second;

	(void)state;
	mail.try = 9;
	second = text_of(&mail);
	assert_string_equal(first, second);
	free(first);
	free(second);
}

/* Every line is a header of ours up to the empty one, each short, each CR with its LF, nothing else below a blank. */
static void
assert_well_formed(const char *text)
{
	static const char *const names[] = {
		"Date: ",         "From: ",         "To: ",
		"Subject: ",      "Message-ID: ",   "Auto-Submitted: ",
		"MIME-Version: ", "Content-Type: ", "Content-Transfer-Encoding: "
	};
	bool in_head = true;
	size_t seen = 0;

	for (const char *end; (end = strstr(text, "\r\n")) != NULL; text = end + 2) {
		size_t len = (size_t)(end - text);

		assert_true(len <= 78);
		for (size_t i = 0; i < len; i++)
			assert_true((text[i] >= ' ' && text[i] < 0x7f) || text[i] == '\t');
		if (in_head && len == 0) {
			in_head = false;
		} else if (in_head && text[0] != ' ') {
			assert_true(seen < LEN(names));
			assert_true(str_starts(text, names[seen]));
			seen++;
		}
		assert_false(!in_head && text[0] == '.');
	}
	assert_int_equal(text[0], '\0');
	assert_int_equal(seen, LEN(names));
}

static void
nothing_a_job_holds_becomes_a_header(void **state)
{
	static const char *const evil[] = {
		"x\r\nBcc: victim@example.org",
		"x\nBcc: victim@example.org",
		"x\rBcc: victim@example.org",
		"x\r\n\r\nbody",
		"x\r\n.\r\nMAIL FROM:<a@b>",
		"\x01\x02\x1b[31m\x7f",
		"=?UTF-8?Q?=0D=0ABcc:_x?=",
		"\xff\xfe not utf-8 \xc3",
		"\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80",
		".\n.\n..\n",
		"trailing blank ",
		"",
	};
	static char long_text[1001];

	(void)state;
	memset(long_text, 'x', 1000);
	for (size_t i = 0; i <= LEN(evil); i++) {
		const char *words = i < LEN(evil) ? evil[i] : long_text;
		struct mail mail = a_mail();
		char *text;

		mail.state = "CRASHED";
		mail.definition = mail.reason = mail.queue = mail.node = mail.user = words;
		mail.session = mail.files = words;
		text = text_of(&mail);
		assert_well_formed(text);
		assert_null(strstr(text, "\r\nBcc"));
		free(text);
	}
}

static void
headers_are_encoded_word_by_word_between_characters(void **state)
{
	static const struct {
		const char *text, *header;
	} cases[] = {
		{ "plain", "S: plain\r\n" },
		{ "gr\xc3\xbc\xc3\x9f"
		  "e",
		  "S: =?UTF-8?Q?gr=C3=BC=C3=9Fe?=\r\n" },
		{ "a b?=_", "S: a b?=_\r\n" },
		{ "=?x", "S: =?UTF-8?Q?=3D=3Fx?=\r\n" },
		{ "a\nb", "S: =?UTF-8?Q?a_b?=\r\n" },
		{ "\xff", "S: =?UTF-8?Q?=3F?=\r\n" },
		{ " x", "S: =?UTF-8?Q?_x?=\r\n" },
		/* 13 letters more than the first line has room for */
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xe2\x82\xac\xe2\x82"
		  "\xac",
		  "S: =?UTF-8?Q?aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa?=\r\n"
		  " =?UTF-8?Q?=E2=82=AC=E2=82=AC?=\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < LEN(cases); i++) {
		struct buf out = BUF_INIT(4096);

		mime_header(&out, "S", cases[i].text);
		assert_string_equal(buf_text(&out), cases[i].header);
		buf_free(&out);
	}
}

static void
text_is_quoted_printable(void **state)
{
	static const struct {
		const char *text, *encoded;
	} cases[] = {
		{ "a=b\n", "a=3Db\r\n" },
		{ "no end", "no end\r\n" },
		{ "blank \ntab\t\n", "blank=20\r\ntab=09\r\n" },
		{ "\xc3\xbc\n", "=C3=BC\r\n" },
		{ "a\rb\n", "a b\r\n" },
		{ ".\n..x\n", "=2E\r\n=2E.x\r\n" },
		{ "\n\n", "\r\n\r\n" },
		{ "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.y\n",
		  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx=\r\n"
		  "=2Ey\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < LEN(cases); i++) {
		struct buf out = BUF_INIT(4096);

		mime_quoted_printable(&out, cases[i].text);
		assert_string_equal(buf_text(&out), cases[i].encoded);
		buf_free(&out);
	}
}

static void
only_plain_addresses_are_addresses(void **state)
{
	static const char *const good[] = { "a@b", "first.last+tag@sub.example.org", "a_b=c@x" };
	static const char *const bad[] = {
		"",        "a",           "@",
		"a@",      "@b",          "a@b@c",
		"a b@c",   "a@b\r\n",     "a@b\nRCPT TO:<c@d>",
		"<a@b>",   "a@b> SIZE=1", "\"a\"@b",
		"a@b,c@d", "a@b;",        "m\xc3\xbc@x",
		"a@\x7f",
	};

	(void)state;
	for (size_t i = 0; i < LEN(good); i++)
		assert_true(mime_is_address(good[i]));
	for (size_t i = 0; i < LEN(bad); i++)
		assert_false(mime_is_address(bad[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mail_has_all_its_headers_and_the_facts_of_its_job),
		cmocka_unit_test(each_outcome_has_its_subject),
		cmocka_unit_test(what_a_job_has_not_is_not_mentioned),
		cmocka_unit_test(a_signal_and_earlier_attempts_are_told),
		cmocka_unit_test(a_mail_is_the_same_bytes_at_each_try),
		cmocka_unit_test(nothing_a_job_holds_becomes_a_header),
		cmocka_unit_test(headers_are_encoded_word_by_word_between_characters),
		cmocka_unit_test(text_is_quoted_printable),
		cmocka_unit_test(only_plain_addresses_are_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
