/* SPDX-License-Identifier: Apache-2.0 */
/* Outputs over their limit: the middle goes, head and tail stay, and the slot says what is missing. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/audit.h>
#include <linux/falloc.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "tests/lib/keeper_client.h"
#include "tests/lib/keeper_watch.h"

#define LIMIT ((int64_t)1 << 20)
#define HEAD (LIMIT / 4)
#define TAIL (LIMIT - HEAD)
#define BLOCK 4096
/* The last cut may have been so little before the end that there was none more. */
#define STEP (LIMIT / 64)
#define MOST_ON_DISK "33554432"
#define RECORD 64 /* bytes of a numbered line of helpers/flood_output */

static void
log_path(const struct kc *kc, int64_t job, const char *suffix, char *out, size_t size)
{
	(void)snprintf(out, size, "%s/%" PRId64 ".%s", kc->dir, job, suffix);
}

static struct stat
log_stat(const struct kc *kc, int64_t job, const char *suffix)
{
	char path[128];
	struct stat st = { .st_size = 0 };

	log_path(kc, job, suffix, path, sizeof(path));
	(void)stat(path, &st);
	return st;
}

/* flood_output BYTES to that stream, with the limit of these tests; it waits while it has 32 MB on the disk. */
static void
start_flood(struct kc *kc, int64_t job, const char *bytes, const char *stream)
{
	struct keeper_msg order = kc_order(kc, job, "");
	const char *argv[] = { "flood", bytes, stream, MOST_ON_DISK, kc->mark, NULL };

	order.u.start.program = kc_helper("flood_output");
	order.u.start.argv = argv;
	order.u.start.log_max_bytes = LIMIT;
	kc_send(kc, &order);
}

/* Every record of bytes begin to end (multiples of a record) says its place. */
static void
assert_records(const struct kc *kc, int64_t job, const char *suffix, int64_t begin, int64_t end)
{
	char path[128], wanted[RECORD + 1], got[RECORD];
	int fd;

	log_path(kc, job, suffix, path, sizeof(path));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd != -1);
	for (int64_t at = begin; at < end; at += RECORD) {
		(void)snprintf(wanted, sizeof(wanted), "%063" PRId64 "\n", at / RECORD);
		assert_int_equal(pread(fd, got, RECORD, at), RECORD);
		if (memcmp(got, wanted, RECORD) != 0)
			fail_msg("byte %" PRId64 " is not as it was written", at);
	}
	(void)close(fd);
}

static void
head_and_tail_of_a_long_output_are_exact_and_the_disk_holds_little_more(void **state)
{
	static const char *const streams[] = { "out", "err" };
	struct kc *kc = kc_new(NULL);
	(void)state;

	for (int i = 0; i < KEEPER_STREAMS; i++) {
		const struct keeper_report *ended;
		int64_t peak = 0, size;

		start_flood(kc, i + 1, "134217728", streams[i]); /* 128 MB */
		while (kc_count(kc, KEEPER_ENDED, i + 1) == 0) {
			int64_t now = (int64_t)log_stat(kc, i + 1, streams[i]).st_blocks * 512;

			peak = now > peak ? now : peak;
			if (!kc_receive(kc, 5) && kc->closed)
				fail_msg("the keeper has gone");
		}
		ended = kc_ended(kc, i + 1);
		size = log_stat(kc, i + 1, streams[i]).st_size;
		print_message("%s: at most %" PRId64 " KB on disk, %" PRId64 " KB at the end\n",
			      streams[i], peak / 1024,
			      (int64_t)log_stat(kc, i + 1, streams[i]).st_blocks / 2);
		assert_int_equal(ended->exit_code, 0);
		assert_int_equal(ended->cause, KEEPER_CAUSE_NONE);
		assert_int_equal(size, 134217728);
		assert_int_equal(ended->log_max_bytes, LIMIT);
		assert_int_equal(ended->logs[i].head_end, HEAD);
		assert_in_range(ended->logs[i].tail_start, size - TAIL - BLOCK - STEP,
				size - TAIL - BLOCK);
		assert_int_equal(ended->logs[!i].tail_start, 0);
		assert_int_equal(ended->logs[i].truncated, 0);
		assert_records(kc, i + 1, streams[i], 0, HEAD);
		assert_records(kc, i + 1, streams[i], size - TAIL, size);
		/* It would wait for ever if nobody looked while it writes. */
		assert_true(peak < 64 << 20);
		assert_true(log_stat(kc, i + 1, streams[i]).st_blocks * 512 <= LIMIT + STEP);
	}
	kc_free(kc);
}

static void
an_output_below_its_limit_is_left_alone(void **state)
{
	struct kc *kc = kc_new(NULL);
	const struct keeper_report *ended;
	(void)state;

	start_flood(kc, 1, "1048576", "out");
	ended = kc_ended(kc, 1);
	assert_int_equal(ended->logs[KEEPER_STDOUT].tail_start, 0);
	assert_int_equal(log_stat(kc, 1, "out").st_size, LIMIT);
	assert_records(kc, 1, "out", 0, LIMIT);
	kc_free(kc);
}

/* Its output is over the limit and was cut: wait until that can be seen. */
static void
wait_cut(const struct kc *kc, int64_t job, int64_t size)
{
	int64_t until = clock_mono_ms() + KC_DEADLINE_MS;
	struct stat st;

	do {
		if (clock_mono_ms() > until)
			fail_msg("the output of job %" PRId64 " is not cut", job);
		kc_nap();
		st = log_stat(kc, job, "out");
	} while (st.st_size < size || st.st_blocks * 512 > LIMIT + LIMIT / 8);
}

/* A job that has written 8 MB, and lives until "go" is written into DIR/fifo. */
static void
start_writer_that_waits(struct kc *kc, int64_t job, const char *afterwards)
{
	struct keeper_msg order;
	char script[600], fifo[128];

	(void)snprintf(fifo, sizeof(fifo), "%s/fifo", kc->dir);
	assert_true(mkfifo(fifo, 0600) == 0 || errno == EEXIST);
	(void)snprintf(script, sizeof(script), "%s 8388608; read x < fifo; %s",
		       kc_helper("flood_output"), afterwards);
	order = kc_order(kc, job, script);
	order.u.start.log_max_bytes = LIMIT;
	kc_send(kc, &order);
	(void)kc_wait(kc, KEEPER_STARTED, job);
	wait_cut(kc, job, 8388608);
}

static void
let_go(struct kc *kc, int64_t helper_job)
{
	kc_start(kc, helper_job, "echo go > fifo");
	assert_int_equal(kc_ended(kc, helper_job)->exit_code, 0);
}

static void
where_an_output_was_cut_survives_runner_and_keeper(void **state)
{
	struct kc *kc = kc_new(NULL);
	const struct keeper_log *log;
	(void)state;

	start_writer_that_waits(kc, 1, "");
	kc_connect(kc);
	/* kc_connect() has read the list: its SLOT is the first thing to be taken. */
	log = &kc_wait(kc, KEEPER_SLOT, 1)->u.report.logs[KEEPER_STDOUT];
	assert_int_equal(log->head_end, HEAD);
	assert_in_range(log->tail_start, 8388608 - TAIL - LIMIT / 8, 8388608 - TAIL - BLOCK);
	kc_keeper_kill(kc);
	kc_disconnect(kc);
	kc_keeper_next(kc, NULL);
	log = &kc_wait(kc, KEEPER_SLOT, 1)->u.report.logs[KEEPER_STDOUT];
	assert_int_equal(log->head_end, HEAD);
	assert_in_range(log->tail_start, 8388608 - TAIL - LIMIT / 8, 8388608 - TAIL - BLOCK);
	kc_free(kc);
}

static void
a_job_that_empties_its_own_output_is_noticed_and_harms_nothing(void **state)
{
	struct kc *kc = kc_new(NULL);
	const struct keeper_report *ended;
	(void)state;

	start_writer_that_waits(kc, 1, "echo anew > /dev/stdout; echo end");
	let_go(kc, 2);
	ended = kc_ended(kc, 1);
	assert_int_equal(ended->exit_code, 0);
	assert_int_equal(ended->logs[KEEPER_STDOUT].truncated, 1);
	assert_int_equal(ended->logs[KEEPER_STDOUT].head_end, 0);
	assert_int_equal(ended->logs[KEEPER_STDOUT].tail_start, 0);
	assert_int_equal(ended->logs[KEEPER_STDERR].truncated, 0);
	assert_string_equal(kc_output(kc, 1, "out"), "anew\nend\n");
	kc_free(kc);
}

static void
an_output_that_was_emptied_is_cut_again_where_it_grows_over_the_limit(void **state)
{
	struct kc *kc = kc_new(NULL);
	const struct keeper_report *ended;
	char script[600];
	(void)state;

	/* It does not grow back over its old size before the keeper has looked: it ends first. */
	(void)snprintf(script, sizeof(script), ": > /dev/stdout; exec %s 4194304",
		       kc_helper("flood_output"));
	start_writer_that_waits(kc, 1, script);
	let_go(kc, 2);
	ended = kc_ended(kc, 1);
	assert_int_equal(ended->logs[KEEPER_STDOUT].truncated, 1);
	assert_int_equal(ended->logs[KEEPER_STDOUT].head_end, HEAD);
	assert_int_equal(ended->logs[KEEPER_STDOUT].tail_start, 4194304 - TAIL - BLOCK);
	assert_records(kc, 1, "out", 0, HEAD);
	assert_records(kc, 1, "out", 4194304 - TAIL, 4194304);
	kc_free(kc);
}

static void
what_is_written_while_a_job_is_being_ended_is_cut_too(void **state)
{
	struct kc *kc = kc_new(NULL);
	const struct keeper_report *ended;
	char script[600];
	(void)state;

	/* The first process ends at once; what it leaves behind ignores TERM and goes on writing. */
	(void)snprintf(script, sizeof(script),
		       "(trap '' TERM; exec %s 0) & while ! grep -q 1 1.out; do :; done",
		       kc_helper("flood_output"));
	{
		struct keeper_msg order = kc_order(kc, 1, script);

		order.u.start.log_max_bytes = LIMIT;
		order.u.start.grace_ms = 1000;
		kc_send(kc, &order);
	}
	ended = kc_ended(kc, 1);
	assert_int_equal(ended->exit_code, 0);
	assert_true(log_stat(kc, 1, "out").st_size > 4 * LIMIT);
	assert_true(ended->logs[KEEPER_STDOUT].tail_start >=
		    log_stat(kc, 1, "out").st_size - TAIL - BLOCK - STEP);
	assert_true(log_stat(kc, 1, "out").st_blocks * 512 <= LIMIT + STEP);
	kc_free(kc);
}

/* Processor time of the keeper so far. */
static int64_t
keeper_cpu_ms(const struct kc *kc)
{
	char path[64], text[1024];
	const char *at;
	unsigned long user = 0, system = 0;
	ssize_t len;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)kc->keeper);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = read(fd, text, sizeof(text) - 1);
	assert_true(len > 0);
	text[len] = '\0';
	(void)close(fd);
	at = strrchr(text, ')');
	assert_int_equal(
	    sscanf(at, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system), 2);
	return (int64_t)(user + system) * 1000 / sysconf(_SC_CLK_TCK);
}

/* JQM_TEST_LIMITED_JOBS=4000: so many instead of 400. */
static void
looking_at_many_limited_outputs_costs_next_to_nothing(void **state)
{
	const char *wanted = getenv("JQM_TEST_LIMITED_JOBS");
	int jobs = wanted == NULL ? 400 : atoi(wanted);
	struct kc *kc = kc_new((const char *[]){ "--slots", "8192", NULL });
	int64_t cpu_ms, from_ms;
	(void)state;

	for (int i = 1; i <= jobs; i++) {
		struct keeper_msg order = kc_order(kc, i, "");
		const char *argv[] = { "sleep", "60", NULL };

		order.u.start.program = "/bin/sleep";
		order.u.start.argv = argv;
		order.u.start.log_max_bytes = 65536; /* near its limit all the time */
		kc_send(kc, &order);
		(void)kc_wait(kc, KEEPER_STARTED, i);
	}
	cpu_ms = keeper_cpu_ms(kc);
	from_ms = clock_mono_ms();
	while (clock_mono_ms() < from_ms + 1500)
		kc_nap();
	cpu_ms = keeper_cpu_ms(kc) - cpu_ms;
	print_message("%d jobs with a limit: %" PRId64 " ms of processor time in %" PRId64 " ms\n",
		      jobs, cpu_ms, clock_mono_ms() - from_ms);
	assert_true(cpu_ms * 10 < clock_mono_ms() - from_ms);
	kc_free(kc);
}

/* From here on this process and its children cannot punch holes: EOPNOTSUPP. */
static void
forbid_punching(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_fallocate, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1])),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, FALLOC_FL_PUNCH_HOLE, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EOPNOTSUPP),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]), filter };

	assert_int_equal(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	assert_int_equal(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

/* The last test of the program: there is no way back. */
static void
where_nothing_can_be_cut_a_job_over_its_limit_is_ended(void **state)
{
	static const char *const streams[] = { "out", "err" };
	struct kc *kc;
	(void)state;

	forbid_punching();
	kc = kc_new(NULL);
	for (int i = 0; i < KEEPER_STREAMS; i++) {
		const struct keeper_report *ended;

		start_flood(kc, i + 1, "0", streams[i]);
		ended = kc_ended(kc, i + 1);
		assert_int_equal(ended->cause, KEEPER_CAUSE_LOG_LIMIT);
		assert_int_equal(ended->signal, SIGTERM);
		assert_int_equal(ended->logs[i].tail_start, 0);
		assert_true(log_stat(kc, i + 1, streams[i]).st_size > LIMIT);
	}
	kc_free(kc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    head_and_tail_of_a_long_output_are_exact_and_the_disk_holds_little_more),
		cmocka_unit_test(an_output_below_its_limit_is_left_alone),
		cmocka_unit_test(where_an_output_was_cut_survives_runner_and_keeper),
		cmocka_unit_test(a_job_that_empties_its_own_output_is_noticed_and_harms_nothing),
		cmocka_unit_test(
		    an_output_that_was_emptied_is_cut_again_where_it_grows_over_the_limit),
		cmocka_unit_test(what_is_written_while_a_job_is_being_ended_is_cut_too),
		cmocka_unit_test(looking_at_many_limited_outputs_costs_next_to_nothing),
		cmocka_unit_test(where_nothing_can_be_cut_a_job_over_its_limit_is_ended),
	};

	kc_leave_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
