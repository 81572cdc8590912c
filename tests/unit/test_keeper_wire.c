/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/keeper_wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"

static const struct keeper_job a_job = { INT64_C(0x1122334455667788), -7, INT64_C(1) << 62 };

static struct keeper_msg
a_start(void)
{
	static const char *const argv[] = { "sh", "-c", "echo \"$1\"", "", NULL };
	static const char *const envp[] = { "A=1", "LONG=\xc3\xa9t\xc3\xa9", "=", NULL };
	struct keeper_msg msg = { .type = KEEPER_START };

	msg.u.start = (struct keeper_start){
		.job = a_job,
		.program = "/bin/sh",
		.argv = argv,
		.envp = envp,
		.cwd = "/tmp",
		.stdout_path = "/tmp/out",
		.stderr_path = "/tmp/err",
		.nice = 5,
		.umask = 027,
		.run_max_ms = 1,
		.grace_ms = 2,
		.log_max_bytes = INT64_MAX,
		.file_max_bytes = 4,
		.memory_max_bytes = 5,
		.cpu_max_s = 6,
		.processes_max = INT64_MAX,
		.run_as = "batch",
	};
	return msg;
}

static struct keeper_msg
a_report(enum keeper_msg_type type)
{
	struct keeper_msg msg = { .type = type };

	msg.u.report = (struct keeper_report){
		.job = a_job,
		.state = KEEPER_SLOT_ENDED,
		.pid = 4711,
		.started_us = 1,
		.ended_us = INT64_MAX,
		.exit_code = -1,
		.signal = 9,
		.cause = KEEPER_CAUSE_LOG_LIMIT,
		.left = 3,
		.user_us = 4,
		.system_us = 5,
		.max_rss_kb = 6,
		.log_max_bytes = 7,
		.logs = { { 8, INT64_MAX, 9 }, { 10, 11, 12 } },
	};
	return msg;
}

static struct keeper_msg
a_message(enum keeper_msg_type type)
{
	struct keeper_msg msg = { .type = type };

	switch (type) {
	case KEEPER_START:
		return a_start();
	case KEEPER_SLOT:
	case KEEPER_STARTED:
	case KEEPER_ENDED:
		return a_report(type);
	case KEEPER_SIGNAL:
		msg.u.signal = (struct keeper_signal){ a_job, KEEPER_PAUSE, -1 };
		break;
	case KEEPER_FIGURES:
		for (int i = 0; i <= HISTOGRAM_BOUNDS; i++)
			msg.u.figures.passes.counts[i] = (uint64_t)i * 1000000007;
		msg.u.figures.passes.sum_us = UINT64_MAX;
		break;
	case KEEPER_LEASE:
		msg.u.lease = (struct keeper_lease){ 5, INT64_MAX };
		break;
	case KEEPER_FORGET:
		msg.u.job = a_job;
		break;
	case KEEPER_NOT_STARTED:
		msg.u.not_started = (struct keeper_not_started){ a_job, 2, "could not execute" };
		break;
	case KEEPER_WELCOME:
		msg.u.welcome = (struct keeper_welcome){ 1, 2, 3, 4, "subreaper" };
		break;
	default:
		break;
	}
	return msg;
}

static const enum keeper_msg_type all_types[] = {
	KEEPER_HELLO,   KEEPER_START, KEEPER_SIGNAL,   KEEPER_FORGET,  KEEPER_DRAIN,
	KEEPER_WELCOME, KEEPER_SLOT,  KEEPER_LIST_END, KEEPER_STARTED, KEEPER_NOT_STARTED,
	KEEPER_ENDED,   KEEPER_LEASE, KEEPER_FIGURES,
};
#define TYPES (sizeof(all_types) / sizeof(all_types[0]))

static struct keeper_packet packet, again;

static void
add(struct keeper_packet *to, const struct keeper_msg *msg)
{
	struct err err = ERR_INIT;

	assert_int_equal(keeper_packet_add(to, msg, &err), 0);
}

static void
assert_same_list(const char *const *a, const char *const *b)
{
	size_t i;

	for (i = 0; a[i] != NULL; i++) {
		assert_non_null(b[i]);
		assert_string_equal(a[i], b[i]);
	}
	assert_null(b[i]);
}

static void
assert_same_start(const struct keeper_start *a, const struct keeper_start *b)
{
	assert_int_equal(a->job.job_id, b->job.job_id);
	assert_int_equal(a->job.attempt, b->job.attempt);
	assert_int_equal(a->job.incarnation, b->job.incarnation);
	assert_string_equal(a->program, b->program);
	assert_string_equal(a->run_as, b->run_as);
	assert_same_list(a->argv, b->argv);
	assert_same_list(a->envp, b->envp);
	assert_string_equal(a->cwd, b->cwd);
	assert_string_equal(a->stdout_path, b->stdout_path);
	assert_string_equal(a->stderr_path, b->stderr_path);
	assert_int_equal(a->nice, b->nice);
	assert_int_equal(a->umask, b->umask);
	assert_int_equal(a->run_max_ms, b->run_max_ms);
	assert_int_equal(a->grace_ms, b->grace_ms);
	assert_true(a->log_max_bytes == b->log_max_bytes);
	assert_int_equal(a->file_max_bytes, b->file_max_bytes);
	assert_int_equal(a->memory_max_bytes, b->memory_max_bytes);
	assert_int_equal(a->cpu_max_s, b->cpu_max_s);
	assert_true(a->processes_max == b->processes_max);
}

static void
every_message_is_read_as_it_was_written(void **state)
{
	struct keeper_msg msg;
	size_t offset = 0;
	struct err err = ERR_INIT;
	(void)state;

	packet.len = 0;
	for (size_t i = 0; i < TYPES; i++) {
		struct keeper_msg wrote = a_message(all_types[i]);

		add(&packet, &wrote);
	}
	for (size_t i = 0; i < TYPES; i++) {
		struct keeper_msg wrote = a_message(all_types[i]);

		assert_int_equal(keeper_packet_next(packet.data, packet.len, &offset, &msg, &err),
				 1);
		assert_int_equal(msg.type, all_types[i]);
		if (msg.type == KEEPER_START)
			assert_same_start(&wrote.u.start, &msg.u.start);
		else
			assert_memory_equal(&wrote.u, &msg.u, sizeof(msg.u));
		keeper_msg_free(&msg);
	}
	assert_int_equal(keeper_packet_next(packet.data, packet.len, &offset, &msg, &err), 0);
}

/* In memory of exactly that size, so that a sanitizer sees a read behind the end. */
static int
read_exactly(const char *data, size_t len)
{
	char *copy = malloc(len == 0 ? 1 : len);
	struct keeper_msg msg;
	struct err err = ERR_INIT;
	size_t offset = 0;
	int rc;

	assert_non_null(copy);
	memcpy(copy, data, len);
	rc = keeper_packet_next(copy, len, &offset, &msg, &err);
	if (rc == 1)
		keeper_msg_free(&msg);
	else
		assert_int_equal(offset, 0);
	if (rc == -1)
		assert_int_equal(err.kind, ERR_INVALID);
	free(copy);
	return rc;
}

static void
a_message_cut_at_any_byte_is_refused(void **state)
{
	(void)state;

	for (size_t i = 0; i < TYPES; i++) {
		struct keeper_msg msg = a_message(all_types[i]);

		packet.len = 0;
		add(&packet, &msg);
		for (size_t len = 1; len < packet.len; len++) {
			uint32_t claimed = (uint32_t)len;

			assert_int_equal(read_exactly(packet.data, len), -1);
			/* And when its own header says that this is all. */
			memcpy(again.data, packet.data, len);
			if (len >= sizeof(claimed))
				memcpy(again.data, &claimed, sizeof(claimed));
			assert_int_equal(read_exactly(again.data, len), -1);
		}
		assert_int_equal(read_exactly(packet.data, packet.len), 1);
	}
}

static void
a_length_that_lies_is_refused_wherever_it_stands(void **state)
{
	static const uint32_t lies[] = { 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffc, 70000 };
	struct keeper_msg msg = a_start();
	size_t refused = 0;
	(void)state;

	packet.len = 0;
	add(&packet, &msg);
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		for (size_t at = 0; at + sizeof(lies[i]) <= packet.len; at++) {
			memcpy(again.data, packet.data, packet.len);
			memcpy(again.data + at, &lies[i], sizeof(lies[i]));
			refused += read_exactly(again.data, packet.len) == -1;
		}
		memcpy(again.data, packet.data, packet.len);
		memcpy(again.data, &lies[i], sizeof(lies[i]));
		assert_int_equal(read_exactly(again.data, packet.len), -1);
		/* Right behind the job stands the length of the program's name. */
		memcpy(again.data, packet.data, packet.len);
		memcpy(again.data + 8 + 8 + 4 + 8, &lies[i], sizeof(lies[i]));
		assert_int_equal(read_exactly(again.data, packet.len), -1);
	}
	assert_true(refused > 0);
}

static void
a_message_with_bytes_too_many_is_refused(void **state)
{
	(void)state;

	for (size_t i = 0; i < TYPES; i++) {
		struct keeper_msg msg = a_message(all_types[i]);
		uint32_t len;

		packet.len = 0;
		add(&packet, &msg);
		packet.data[packet.len++] = 0;
		len = (uint32_t)packet.len;
		memcpy(packet.data, &len, sizeof(len));
		assert_int_equal(read_exactly(packet.data, packet.len), -1);
	}
}

/* Write msg, change the bytes at offset, expect a refusal. */
static void
refused_with(struct keeper_msg msg, size_t offset, const void *bytes, size_t len)
{
	packet.len = 0;
	add(&packet, &msg);
	assert_int_equal(read_exactly(packet.data, packet.len), 1);
	memcpy(packet.data + offset, bytes, len);
	assert_int_equal(read_exactly(packet.data, packet.len), -1);
}

static void
unknown_types_versions_and_values_are_refused(void **state)
{
	const uint16_t number = 77;
	const int32_t value = 77;
	const int32_t negative = -1;
	const size_t body = 8;
	const size_t job = 8 + 4 + 8;
	(void)state;

	refused_with(a_message(KEEPER_HELLO), 4, &number, sizeof(number));
	refused_with(a_message(KEEPER_HELLO), 6, &number, sizeof(number));
	refused_with(a_message(KEEPER_SIGNAL), body + job, &value, sizeof(value));
	refused_with(a_message(KEEPER_ENDED), body + job, &value, sizeof(value));
	refused_with(a_message(KEEPER_ENDED), body + job, &negative, sizeof(negative));
	/* cause: behind state, pid, two times, exit code and signal */
	refused_with(a_message(KEEPER_ENDED), body + job + 4 + 4 + 8 + 8 + 4 + 4, &value,
		     sizeof(value));
	/* a NUL inside a text */
	refused_with(a_start(), body + job + 4 + 2, "", 1);
}

static void
a_start_without_arguments_is_refused(void **state)
{
	static const char *const none[] = { NULL };
	struct keeper_msg msg = a_start();
	(void)state;

	msg.u.start.argv = none;
	packet.len = 0;
	add(&packet, &msg);
	assert_int_equal(read_exactly(packet.data, packet.len), -1);
	msg = a_start();
	msg.u.start.envp = none; /* an empty environment is one */
	packet.len = 0;
	add(&packet, &msg);
	assert_int_equal(read_exactly(packet.data, packet.len), 1);
}

static void
a_message_that_does_not_fit_leaves_the_packet_as_it_was(void **state)
{
	static char text[KEEPER_PACKET_MAX];
	struct keeper_msg msg = a_message(KEEPER_ENDED);
	struct err err = ERR_INIT;
	size_t len, count = 0;
	(void)state;

	packet.len = 0;
	while (keeper_packet_add(&packet, &msg, &err) == 0)
		count++;
	assert_int_equal(err.kind, ERR_TOO_LARGE);
	assert_true(packet.len <= KEEPER_PACKET_MAX);
	len = packet.len;
	assert_int_equal(len % count, 0);
	msg = a_message(KEEPER_WELCOME);
	for (int i = 0; i < 20; i++)
		(void)keeper_packet_add(&packet, &msg, &err);
	assert_true(packet.len <= KEEPER_PACKET_MAX);

	memset(text, 'x', sizeof(text) - 1);
	msg = a_start();
	msg.u.start.cwd = text;
	packet.len = 0;
	assert_int_equal(keeper_packet_add(&packet, &msg, &err), -1);
	assert_int_equal(err.kind, ERR_TOO_LARGE);
	assert_int_equal(packet.len, 0);
}

static void
the_largest_start_that_fits_is_read(void **state)
{
	static char text[KEEPER_PACKET_MAX];
	struct keeper_msg msg = a_start();
	struct err err = ERR_INIT;
	(void)state;

	packet.len = 0;
	add(&packet, &msg);
	memset(text, 'x', KEEPER_PACKET_MAX - packet.len + strlen("/tmp"));
	msg.u.start.cwd = text;
	packet.len = 0;
	add(&packet, &msg);
	assert_int_equal(packet.len, KEEPER_PACKET_MAX);
	assert_int_equal(read_exactly(packet.data, packet.len), 1);
	packet.len = 1;
	assert_int_equal(keeper_packet_add(&packet, &msg, &err), -1);
}

static void
a_text_too_long_for_its_array_is_cut_when_written_and_refused_when_read(void **state)
{
	struct keeper_msg msg = a_message(KEEPER_NOT_STARTED);
	struct keeper_msg back;
	struct err err = ERR_INIT;
	size_t offset = 0;
	uint32_t len = sizeof(msg.u.not_started.step);
	uint32_t total;
	(void)state;

	memset(msg.u.not_started.step, 'x', sizeof(msg.u.not_started.step));
	packet.len = 0;
	add(&packet, &msg);
	assert_int_equal(keeper_packet_next(packet.data, packet.len, &offset, &back, &err), 1);
	assert_int_equal(strlen(back.u.not_started.step), len - 1);

	packet.data[packet.len++] = 'x';
	total = (uint32_t)packet.len;
	memcpy(packet.data, &total, sizeof(total));
	memcpy(packet.data + 8 + 20 + 4, &len, sizeof(len));
	assert_int_equal(read_exactly(packet.data, packet.len), -1);
}

static void
causes_have_names(void **state)
{
	(void)state;
	assert_string_equal(keeper_cause_name(KEEPER_CAUSE_NONE), "none");
	assert_string_equal(keeper_cause_name(KEEPER_CAUSE_ORDER), "order");
	assert_string_equal(keeper_cause_name(KEEPER_CAUSE_TIMEOUT), "timeout");
	assert_string_equal(keeper_cause_name(KEEPER_CAUSE_LOG_LIMIT), "log_limit");
	assert_string_equal(keeper_cause_name(KEEPER_CAUSE_KEEPER_DIED), "keeper_died");
	assert_string_equal(keeper_cause_name(-1), "unknown");
	assert_string_equal(keeper_cause_name(KEEPER_CAUSE_MEMORY), "memory");
	assert_string_equal(keeper_cause_name(KEEPER_CAUSE_CPU), "cpu");
	assert_string_equal(keeper_cause_name(KEEPER_CAUSE_PROCESSES), "processes");
	assert_string_equal(keeper_cause_name(KEEPER_CAUSE_LEASE), "lease");
	assert_string_equal(keeper_cause_name(9), "unknown");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_message_is_read_as_it_was_written),
		cmocka_unit_test(a_message_cut_at_any_byte_is_refused),
		cmocka_unit_test(a_length_that_lies_is_refused_wherever_it_stands),
		cmocka_unit_test(a_message_with_bytes_too_many_is_refused),
		cmocka_unit_test(unknown_types_versions_and_values_are_refused),
		cmocka_unit_test(a_start_without_arguments_is_refused),
		cmocka_unit_test(a_message_that_does_not_fit_leaves_the_packet_as_it_was),
		cmocka_unit_test(the_largest_start_that_fits_is_read),
		cmocka_unit_test(
		    a_text_too_long_for_its_array_is_cut_when_written_and_refused_when_read),
		cmocka_unit_test(causes_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
