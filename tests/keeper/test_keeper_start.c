/* SPDX-License-Identifier: Apache-2.0 */
/* How a job begins: what it is given, and what a start that fails leaves behind. */
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/keeper_client.h"
#include "tests/lib/keeper_watch.h"

static void
every_exit_code_is_reported(void **state)
{
	struct kc *kc = kc_new(NULL);
	(void)state;

	for (int code = 0; code < 256; code++) {
		char script[32];

		(void)snprintf(script, sizeof(script), "exit %d", code);
		kc_start(kc, code + 1, script);
	}
	for (int code = 0; code < 256; code++) {
		const struct keeper_report *ended = kc_ended(kc, code + 1);

		assert_int_equal(ended->exit_code, code);
		assert_int_equal(ended->signal, 0);
		assert_int_equal(ended->cause, KEEPER_CAUSE_NONE);
		assert_int_equal(ended->left, 0);
		assert_int_equal(ended->state, KEEPER_SLOT_ENDED);
		assert_int_equal(ended->job.incarnation, 99);
		assert_true(ended->started_us > 0 && ended->ended_us >= ended->started_us);
		assert_true(ended->max_rss_kb > 0);
	}
	kc_free(kc);
}

static void
a_signal_is_reported_as_a_signal(void **state)
{
	static const struct {
		const char *script;
		int signal;
	} cases[] = { { "kill -KILL $$", SIGKILL },
		      { "kill -TERM $$", SIGTERM },
		      { "kill -SEGV $$", SIGSEGV },
		      { "kill -USR1 $$", SIGUSR1 } };
	struct kc *kc = kc_new(NULL);
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct keeper_report *ended;

		kc_start(kc, (int64_t)i + 1, cases[i].script);
		ended = kc_ended(kc, (int64_t)i + 1);
		assert_int_equal(ended->exit_code, -1);
		assert_int_equal(ended->signal, cases[i].signal);
		assert_int_equal(ended->cause, KEEPER_CAUSE_NONE);
	}
	kc_free(kc);
}

static void
started_comes_before_ended_and_names_the_pid(void **state)
{
	struct kc *kc = kc_new(NULL);
	const struct keeper_msg *started, *ended;
	char pid[32];
	(void)state;

	kc_start(kc, 1, "echo $$");
	ended = kc_wait(kc, KEEPER_ENDED, 1);
	started = kc_wait(kc, KEEPER_STARTED, 1);
	assert_true(started < ended); /* in the order they came */
	assert_int_equal(started->u.report.state, KEEPER_SLOT_LIVE);
	assert_int_equal(started->u.report.exit_code, -1);
	(void)snprintf(pid, sizeof(pid), "%d\n", (int)started->u.report.pid);
	assert_string_equal(kc_output(kc, 1, "out"), pid);
	kc_free(kc);
}

static void
output_files_hold_exactly_what_was_written(void **state)
{
	struct kc *kc = kc_new(NULL);
	struct stat st;
	char path[128];
	FILE *old;
	(void)state;

	(void)snprintf(path, sizeof(path), "%s/1.out", kc->dir);
	assert_non_null(old = fopen(path, "w"));
	(void)fputs("of an earlier attempt", old);
	(void)fclose(old);
	assert_int_equal(chmod(path, 0640), 0);
	kc_start(kc, 1, "printf 'one\\n'; printf 'two\\n' >&2; printf three");
	assert_int_equal(kc_ended(kc, 1)->exit_code, 0);
	assert_string_equal(kc_output(kc, 1, "out"), "one\nthree");
	assert_string_equal(kc_output(kc, 1, "err"), "two\n");
	(void)snprintf(path, sizeof(path), "%s/1.err", kc->dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	kc_free(kc);
}

static void
a_large_output_is_complete(void **state)
{
	struct kc *kc = kc_new(NULL);
	struct keeper_msg order = kc_order(kc, 1, "");
	const char *argv[] = { "flood", "20000000", NULL };
	struct stat st;
	(void)state;

	order.u.start.program = kc_helper("flood_output");
	order.u.start.argv = argv;
	kc_send(kc, &order);
	assert_int_equal(kc_ended(kc, 1)->exit_code, 0);
	assert_int_equal(stat(order.u.start.stdout_path, &st), 0);
	assert_int_equal(st.st_size, 20000000);
	kc_free(kc);
}

/* Send the order; it must fail so, and leave the keeper as it was. */
static void
refused(struct kc *kc, const struct keeper_msg *order, int error, const char *step)
{
	size_t fds = kc_keeper_fds(kc);
	const struct keeper_not_started *why;

	kc_send(kc, order);
	why = &kc_wait(kc, KEEPER_NOT_STARTED, order->u.start.job.job_id)->u.not_started;
	print_message("case: %s\n", why->step);
	assert_int_equal(why->error, error);
	assert_string_equal(why->step, step);
	assert_int_equal(why->job.attempt, order->u.start.job.attempt);
	kc_wait_keeper_fds(kc, fds);
	assert_int_equal(kc_keeper_children(kc), 0);
}

static void
a_start_that_fails_names_the_step_and_leaves_nothing_behind(void **state)
{
	struct kc *kc = kc_new(NULL);
	struct keeper_msg order;
	char fifo[128], link[128], missing[128];
	(void)state;

	(void)snprintf(fifo, sizeof(fifo), "%s/fifo", kc->dir);
	(void)snprintf(link, sizeof(link), "%s/link", kc->dir);
	(void)snprintf(missing, sizeof(missing), "%s/missing/x", kc->dir);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(symlink("elsewhere", link), 0);

	order = kc_order(kc, 1, "true");
	order.u.start.program = "/nonexistent/program";
	refused(kc, &order, ENOENT, "could not execute");
	order = kc_order(kc, 2, "true");
	order.u.start.program = "/etc/passwd";
	refused(kc, &order, EACCES, "could not execute");
	order = kc_order(kc, 3, "true");
	order.u.start.cwd = missing;
	refused(kc, &order, ENOENT, "could not enter the working directory");
	order = kc_order(kc, 4, "true");
	order.u.start.stdout_path = missing;
	refused(kc, &order, ENOENT, "could not open the output file");
	order = kc_order(kc, 5, "true");
	order.u.start.stderr_path = missing;
	refused(kc, &order, ENOENT, "could not open the error file");
	order = kc_order(kc, 6, "true");
	order.u.start.stdout_path = fifo;
	refused(kc, &order, ENXIO, "could not open the output file");
	order = kc_order(kc, 7, "true");
	order.u.start.stdout_path = "/dev/null";
	refused(kc, &order, EINVAL, "could not open the output file");
	order = kc_order(kc, 8, "true");
	order.u.start.stderr_path = link;
	refused(kc, &order, ELOOP, "could not open the error file");
	order = kc_order(kc, 9, "true");
	order.u.start.nice = 20;
	refused(kc, &order, EINVAL, "invalid order");
	order = kc_order(kc, 10, "true");
	order.u.start.program = "sh";
	refused(kc, &order, EINVAL, "invalid order");
	order = kc_order(kc, 11, "true");
	order.u.start.cpu_max_s = INT64_MAX;
	refused(kc, &order, EINVAL, "invalid order");
	order = kc_order(kc, 12, "true");
	order.u.start.processes_max = INT64_MAX;
	refused(kc, &order, EINVAL, "invalid order");
	order = kc_order(kc, 13, "true");
	order.u.start.memory_max_bytes = -1;
	refused(kc, &order, EINVAL, "invalid order");

	/* None of them holds a slot: the same job may be ordered again. */
	kc_start(kc, 1, "exit 3");
	assert_int_equal(kc_ended(kc, 1)->exit_code, 3);
	kc_free(kc);
}

static void
a_fork_that_fails_is_reported_and_the_next_one_works(void **state)
{
	struct kc *kc = kc_new(NULL);
	struct rlimit before, none = { 0, 0 };
	struct keeper_msg order;
	(void)state;

	assert_int_equal(prlimit(kc->keeper, RLIMIT_NPROC, NULL, &before), 0);
	none.rlim_max = before.rlim_max;
	assert_int_equal(prlimit(kc->keeper, RLIMIT_NPROC, &none, NULL), 0);
	order = kc_order(kc, 1, "true");
	refused(kc, &order, EAGAIN, "could not fork");
	assert_int_equal(prlimit(kc->keeper, RLIMIT_NPROC, &before, NULL), 0);
	kc_start(kc, 1, "true");
	assert_int_equal(kc_ended(kc, 1)->exit_code, 0);
	kc_free(kc);
}

/* Jobs with a log limit hold descriptors; the keeper needs some to be told and to end them. */
static void
jobs_that_use_up_the_descriptors_leave_enough_to_reach_and_end_them(void **state)
{
	struct kc *kc = kc_new(NULL);
	struct rlimit limit;
	int64_t refused_job = 0, started = 0;
	(void)state;

	assert_int_equal(prlimit(kc->keeper, RLIMIT_NOFILE, NULL, &limit), 0);
	limit.rlim_cur = 64;
	assert_int_equal(prlimit(kc->keeper, RLIMIT_NOFILE, &limit, NULL), 0);
	for (int64_t job = 1; job <= 40; job++) {
		struct keeper_msg order = kc_order(kc, job, "exec sleep 60");

		order.u.start.log_max_bytes = 1 << 20;
		kc_send(kc, &order);
	}
	kc_start(kc, 41, "true"); /* refused like the last of them, and behind their answers */
	assert_int_equal(kc_wait(kc, KEEPER_NOT_STARTED, 41)->u.not_started.error, EMFILE);
	while (kc_count(kc, KEEPER_STARTED, started + 1) == 1)
		started++;
	for (refused_job = started + 1; refused_job <= 40; refused_job++)
		assert_int_equal(kc_wait(kc, KEEPER_NOT_STARTED, refused_job)->u.not_started.error,
				 EMFILE);
	assert_in_range(started, 1, 39);

	kc_connect(kc);
	for (int64_t job = 1; job <= started; job++) {
		kc_signal(kc, job, KEEPER_KILL, 60000);
		assert_int_equal(kc_ended(kc, job)->signal, SIGTERM);
	}
	kc_start(kc, 41, "exit 4");
	assert_int_equal(kc_ended(kc, 41)->exit_code, 4);
	kc_free(kc);
}

static void
the_environment_is_what_was_ordered_and_the_tag(void **state)
{
	struct kc *kc = kc_new(NULL);
	struct keeper_msg order = kc_order(kc, 12, "");
	const char *argv[] = { "env", NULL };
	const char *envp[] = { "A=1", "B=two words", "JQM_KEEPER_TAG=forged", "EMPTY=", NULL };
	const char *wanted = "A=1\nB=two words\nEMPTY=\nJQM_KEEPER_TAG=";
	const char *out;
	(void)state;

	order.u.start.program = "/usr/bin/env";
	order.u.start.argv = argv;
	order.u.start.envp = envp;
	kc_send(kc, &order);
	assert_int_equal(kc_ended(kc, 12)->exit_code, 0);
	out = kc_output(kc, 12, "out");
	assert_memory_equal(out, wanted, strlen(wanted));
	assert_string_equal(out + strlen(wanted) + 16, ".12.1\n"); /* after the table's id */
	kc_free(kc);
}

static void
a_job_has_null_as_input_and_no_descriptor_of_the_keeper(void **state)
{
	struct kc *kc = kc_new(NULL);
	struct keeper_msg order;
	const char *argv[] = { "ls", "/proc/self/fd", NULL };
	char wanted[300];
	(void)state;

	kc_start(kc, 1,
		 "cat; readlink /proc/self/fd/0; readlink /proc/self/fd/2; readlink /proc/$$/fd/1");
	assert_int_equal(kc_ended(kc, 1)->exit_code, 0);
	(void)snprintf(wanted, sizeof(wanted), "/dev/null\n%s/1.err\n%s/1.out\n", kc->dir, kc->dir);
	assert_string_equal(kc_output(kc, 1, "out"), wanted);

	order = kc_order(kc, 2, "");
	order.u.start.program = "/bin/ls";
	order.u.start.argv = argv;
	order.u.start.log_max_bytes = 1 << 20; /* its outputs are open in the keeper, too */
	kc_send(kc, &order);
	(void)kc_ended(kc, 2);
	assert_string_equal(kc_output(kc, 2, "out"), "0\n1\n2\n3\n"); /* 3 is the directory */
	kc_free(kc);
}

static void
a_job_leads_its_own_session_with_clean_signals_and_no_new_privileges(void **state)
{
	struct kc *kc = kc_new(NULL);
	struct keeper_msg order;
	const char *argv[] = { "cat", "/proc/self/status", NULL };
	char wanted[100];
	int pid;
	(void)state;

	kc_start(kc, 1, "exec cut -d' ' -f1,5,6 /proc/self/stat");
	pid = kc_ended(kc, 1)->pid;
	(void)snprintf(wanted, sizeof(wanted), "%d %d %d\n", pid, pid, pid);
	assert_string_equal(kc_output(kc, 1, "out"), wanted);

	order = kc_order(kc, 2, ""); /* no shell: it may block signals for a moment */
	order.u.start.program = "/bin/cat";
	order.u.start.argv = argv;
	kc_send(kc, &order);
	(void)kc_ended(kc, 2);
	assert_non_null(strstr(kc_output(kc, 2, "out"), "\nNoNewPrivs:\t1\n"));
	assert_non_null(strstr(kc_output(kc, 2, "out"), "\nSigBlk:\t0000000000000000\n"));
	assert_non_null(strstr(kc_output(kc, 2, "out"), "\nSigIgn:\t0000000000000000\n"));
	kc_free(kc);
}

static void
directory_umask_niceness_and_limits_are_as_ordered(void **state)
{
	struct kc *kc = kc_new(NULL);
	struct keeper_msg order = kc_order(kc, 1, "pwd; umask; nice; ulimit -c; ulimit -f");
	char wanted[200];
	(void)state;

	order.u.start.umask = 0077;
	order.u.start.nice = 7;
	order.u.start.file_max_bytes = 1 << 20;
	kc_send(kc, &order);
	(void)kc_ended(kc, 1);
	(void)snprintf(wanted, sizeof(wanted), "%s\n0077\n%d\n0\n2048\n", kc->dir,
		       getpriority(PRIO_PROCESS, 0) + 7);
	assert_string_equal(kc_output(kc, 1, "out"), wanted);
	kc_free(kc);
}

static void
umask_and_descriptor_limit_of_the_keeper_s_own_start_are_passed_on(void **state)
{
	mode_t before = umask(0027);
	struct kc *kc = kc_new(NULL);
	struct rlimit limit;
	char wanted[64];
	(void)state;

	kc_start(kc, 1, "umask; ulimit -Sn");
	(void)kc_ended(kc, 1);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	(void)snprintf(wanted, sizeof(wanted), "0027\n%" PRIu64 "\n", (uint64_t)limit.rlim_cur);
	assert_string_equal(kc_output(kc, 1, "out"), wanted);
	(void)umask(before);
	kc_free(kc);
}

static void
a_file_over_the_file_limit_ends_the_job(void **state)
{
	struct kc *kc = kc_new(NULL);
	struct keeper_msg order = kc_order(kc, 1, "");
	const char *argv[] = { "flood", "100000", NULL };
	(void)state;

	order.u.start.program = kc_helper("flood_output");
	order.u.start.argv = argv;
	order.u.start.file_max_bytes = 4096;
	kc_send(kc, &order);
	assert_int_equal(kc_ended(kc, 1)->signal, SIGXFSZ);
	kc_free(kc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_exit_code_is_reported),
		cmocka_unit_test(a_signal_is_reported_as_a_signal),
		cmocka_unit_test(started_comes_before_ended_and_names_the_pid),
		cmocka_unit_test(output_files_hold_exactly_what_was_written),
		cmocka_unit_test(a_large_output_is_complete),
		cmocka_unit_test(a_start_that_fails_names_the_step_and_leaves_nothing_behind),
		cmocka_unit_test(a_fork_that_fails_is_reported_and_the_next_one_works),
		cmocka_unit_test(
		    jobs_that_use_up_the_descriptors_leave_enough_to_reach_and_end_them),
		cmocka_unit_test(the_environment_is_what_was_ordered_and_the_tag),
		cmocka_unit_test(a_job_has_null_as_input_and_no_descriptor_of_the_keeper),
		cmocka_unit_test(
		    a_job_leads_its_own_session_with_clean_signals_and_no_new_privileges),
		cmocka_unit_test(directory_umask_niceness_and_limits_are_as_ordered),
		cmocka_unit_test(
		    umask_and_descriptor_limit_of_the_keeper_s_own_start_are_passed_on),
		cmocka_unit_test(a_file_over_the_file_limit_ends_the_job),
	};

	kc_leave_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
