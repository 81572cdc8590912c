/* SPDX-License-Identifier: Apache-2.0 */
/* A table somebody else has written: which processes the next keeper may touch, and which not. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "keeper/proc_scan.h"
#include "keeper/slot_table.h"
#include "tests/lib/keeper_client.h"

#define MARK ((UINT64_C(1) << 60) + 3)

/* A process in a session of its own that waits, for a minute at most. */
static pid_t
bystander(uint64_t mark)
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	if ((pid = fork()) == 0) {
		struct rlimit limit = { (rlim_t)mark, (rlim_t)mark };

		(void)setsid();
		if (mark != 0)
			(void)setrlimit(RLIMIT_LOCKS, &limit);
		(void)alarm(60);
		(void)!write(ready[1], "x", 1);
		for (;;)
			(void)pause();
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	(void)close(ready[0]);
	(void)close(ready[1]);
	return pid;
}

/* 0 while it lives, else the signal that ended it. */
static int
ended_by(pid_t pid)
{
	int status;

	return waitpid(pid, &status, WNOHANG) == 0 ? 0 : WTERMSIG(status);
}

static void
end(pid_t pid)
{
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
}

static void
table_write(struct kc *kc, const struct slot *slots, uint32_t count)
{
	struct slot_table table = SLOT_TABLE_INIT;
	struct err err = ERR_INIT;

	assert_int_equal(slot_table_open(&table, kc->table, 8, &err), 0);
	for (uint32_t i = 0; i < count; i++)
		memcpy(&table.slots[i], &slots[i], sizeof(slots[i]));
	slot_table_close(&table);
}

/* A keeper that was killed, so that a table can be put in its place. */
static struct kc *
a_dead_keeper(void)
{
	struct kc *kc = kc_new(NULL);

	kc_disconnect(kc);
	kc_keeper_kill(kc);
	assert_int_equal(unlink(kc->table), 0);
	return kc;
}

/* What the next keeper does to a live process whose number a job's first process had: 0 or a signal. */
static int
fate_of_a_job_s_number(bool same_start_time)
{
	struct kc *kc = a_dead_keeper();
	pid_t pid = bystander(0);
	struct slot slot = { .state = SLOT_LIVE, .job_id = 1, .attempt = 1, .pid = pid };
	struct proc_stat stat;
	int fate;

	assert_int_equal(proc_stat_read(pid, &stat), 0);
	slot.pid_start = same_start_time ? stat.start : stat.start - 1;
	table_write(kc, &slot, 1);
	kc_keeper_next(kc, NULL);
	assert_int_equal(kc_ended(kc, 1)->cause, KEEPER_CAUSE_KEEPER_DIED);
	if ((fate = ended_by(pid)) == 0)
		end(pid);
	kc_free(kc);
	return fate;
}

static void
a_process_that_inherited_the_number_of_a_job_is_left_alone(void **state)
{
	(void)state;
	assert_int_equal(fate_of_a_job_s_number(false), 0);
}

static void
the_job_s_own_process_is_killed_by_number_and_start_time(void **state)
{
	(void)state;
	assert_int_equal(fate_of_a_job_s_number(true), SIGKILL);
}

/* The keeper tells most of them by its own clock: it must be the kernel's, to the tick. */
static void
the_start_times_in_the_table_are_those_of_proc(void **state)
{
	enum { JOBS = 40 };
	struct kc *kc = kc_new(NULL);
	struct slot_table table = SLOT_TABLE_INIT;
	struct proc_stat stat[JOBS];
	pid_t pids[JOBS];
	struct err err = ERR_INIT;

	(void)state;
	for (int i = 0; i < JOBS; i++) {
		kc_start(kc, i + 1, "exec sleep 60");
		pids[i] = kc_wait(kc, KEEPER_STARTED, i + 1)->u.report.pid;
		assert_int_equal(proc_stat_read(pids[i], &stat[i]), 0);
	}
	kc_disconnect(kc);
	kc_keeper_kill(kc);
	assert_int_equal(slot_table_open(&table, kc->table, 8, &err), 0);
	for (int i = 0; i < JOBS; i++) {
		assert_int_equal(table.slots[i].pid, pids[i]);
		assert_int_equal(table.slots[i].pid_start, stat[i].start);
	}
	slot_table_close(&table);
	kc_free(kc);
}

static void
a_job_whose_start_was_interrupted_is_found_by_its_mark(void **state)
{
	struct kc *kc = a_dead_keeper();
	pid_t marked = bystander(MARK);
	pid_t other = bystander(MARK + SLOT_COUNT_MAX);
	struct slot slots[4] = { 0 };
	const struct keeper_report *report;
	(void)state;

	/* The low bits of a mark are the slot's number. */
	slots[3] = (struct slot){ .state = SLOT_STARTING, .job_id = 9, .attempt = 1, .mark = MARK };
	table_write(kc, slots, 4);
	kc_keeper_next(kc, NULL);
	report = kc_ended(kc, 9);
	assert_int_equal(report->cause, KEEPER_CAUSE_KEEPER_DIED);
	assert_int_equal(report->left, 0);
	assert_true(report->started_us > 0);
	assert_int_equal(ended_by(marked), SIGKILL);
	assert_int_equal(ended_by(other), 0);
	end(other);
	kc_free(kc);
}

static void
after_a_reboot_numbers_and_marks_mean_nothing(void **state)
{
	struct kc *kc = a_dead_keeper();
	pid_t pid = bystander(MARK);
	struct slot slots[4] = { 0 };
	FILE *file;
	(void)state;

	slots[3] = (struct slot){ .state = SLOT_LIVE, .job_id = 9, .attempt = 1, .mark = MARK };
	table_write(kc, slots, 4);
	/* The boot id stands behind magic, version, record size and the table's id. */
	assert_non_null(file = fopen(kc->table, "r+"));
	assert_int_equal(fseek(file, 8 + 4 + 4 + TABLE_ID_SIZE, SEEK_SET), 0);
	assert_true(fputs("another", file) != EOF);
	assert_int_equal(fclose(file), 0);
	kc_keeper_next(kc, NULL);
	assert_int_equal(kc_ended(kc, 9)->cause, KEEPER_CAUSE_KEEPER_DIED);
	assert_int_equal(ended_by(pid), 0);
	end(pid);
	kc_free(kc);
}

static void
a_table_of_another_version_is_refused_and_left_as_it_was(void **state)
{
	struct kc *kc = a_dead_keeper();
	struct slot slot = { .state = SLOT_ENDED, .job_id = 5, .attempt = 1, .exit_code = 5 };
	const char *const args[] = { "--socket", kc->socket, "--table", kc->table, NULL };
	uint32_t version[] = { 99, 0 };
	char out[1024];
	(void)state;

	table_write(kc, &slot, 1);
	for (int i = 0; i < 2; i++) {
		FILE *file = fopen(kc->table, "r+");

		assert_non_null(file);
		assert_int_equal(fseek(file, 8, SEEK_SET), 0);
		if (i == 0) /* the right one, for later */
			assert_int_equal(fread(&version[1], sizeof(version[1]), 1, file), 1);
		assert_int_equal(fseek(file, 8, SEEK_SET), 0);
		assert_int_equal(fwrite(&version[i], sizeof(version[i]), 1, file), 1);
		assert_int_equal(fclose(file), 0);
		if (i == 0) {
			assert_int_equal(kc_run_keeper(args, out, sizeof(out)), 1);
			assert_non_null(strstr(out, "has version 99"));
		}
	}
	kc_keeper_next(kc, NULL); /* right again: nothing was lost */
	assert_int_equal(kc_ended(kc, 5)->exit_code, 5);
	kc_free(kc);
}

static void
a_table_grows_when_more_slots_are_asked_for_and_keeps_what_it_has(void **state)
{
	const char *const small[] = { "--slots", "2", NULL };
	const char *const large[] = { "--slots", "5000", NULL };
	struct kc *kc = kc_new(small);
	(void)state;

	kc_start(kc, 1, "exit 11");
	kc_start(kc, 2, "exit 12");
	(void)kc_ended(kc, 1);
	(void)kc_ended(kc, 2);
	kc_disconnect(kc);
	kc_keeper_kill(kc);
	kc_keeper_next(kc, large);
	assert_int_equal(kc_ended(kc, 1)->exit_code, 11);
	kc_start(kc, 3, "exit 13");
	assert_int_equal(kc_ended(kc, 3)->exit_code, 13);

	kc_disconnect(kc);
	kc_keeper_kill(kc);
	kc_keeper_next(kc, small); /* nothing is lost, and nothing starts above the limit */
	assert_int_equal(kc_ended(kc, 1)->exit_code, 11);
	assert_int_equal(kc_ended(kc, 2)->exit_code, 12);
	assert_int_equal(kc_ended(kc, 3)->exit_code, 13);
	kc_start(kc, 4, "exit 14");
	(void)kc_wait(kc, KEEPER_NOT_STARTED, 4);
	kc_forget(kc, 1);
	kc_start(kc, 4, "exit 14");
	(void)kc_wait(kc, KEEPER_NOT_STARTED, 4);
	kc_forget(kc, 2);
	kc_start(kc, 4, "exit 14");
	assert_int_equal(kc_ended(kc, 4)->exit_code, 14);
	kc_free(kc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_process_that_inherited_the_number_of_a_job_is_left_alone),
		cmocka_unit_test(the_job_s_own_process_is_killed_by_number_and_start_time),
		cmocka_unit_test(the_start_times_in_the_table_are_those_of_proc),
		cmocka_unit_test(a_job_whose_start_was_interrupted_is_found_by_its_mark),
		cmocka_unit_test(after_a_reboot_numbers_and_marks_mean_nothing),
		cmocka_unit_test(a_table_of_another_version_is_refused_and_left_as_it_was),
		cmocka_unit_test(a_table_grows_when_more_slots_are_asked_for_and_keeps_what_it_has),
	};

	kc_leave_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
