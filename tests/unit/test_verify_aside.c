/* SPDX-License-Identifier: Apache-2.0 */
/* A password is compared beside the process that asks, and behind everybody else. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "crypto/password_hash.h"
#include "fcgi/verify_aside.h"

#define DEADLINE_MS 20000

static char hash[PASSWORD_HASH_SIZE];

static int
make_hash(void **state)
{
	struct err err = ERR_INIT;
	(void)state;

	return password_hash("correct horse", hash, &err);
}

static void
right_is_right_and_wrong_is_wrong(void **state)
{
	struct err err = ERR_INIT;
	(void)state;

	assert_int_equal(verify_aside("correct horse", hash, &err), 1);
	assert_int_equal(verify_aside("correct horsf", hash, &err), 0);
	assert_int_equal(verify_aside("", hash, &err), 0);
	assert_int_equal(verify_aside("correct horse", NULL, &err), 0);
	assert_int_equal(err.kind, ERR_NONE);
}

static void
a_hash_of_no_known_form_is_said_to_be_one(void **state)
{
	struct err err = ERR_INIT;
	(void)state;

	assert_int_equal(verify_aside("correct horse", "$unknown$x", &err), -1);
	assert_int_equal(err.kind, ERR_INVALID);
	assert_null(strstr(err.text, "unknown$x"));
}

static double
used_s(int who)
{
	struct rusage usage;

	assert_int_equal(getrusage(who, &usage), 0);
	return (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6;
}

static void
the_work_is_another_process_s_and_it_takes_as_long_for_nobody(void **state)
{
	double own = used_s(RUSAGE_SELF), before = used_s(RUSAGE_CHILDREN), wrong, nobody;
	struct err err = ERR_INIT;
	(void)state;

	for (int i = 0; i < 5; i++)
		assert_int_equal(verify_aside("wrong", hash, &err), 0);
	wrong = used_s(RUSAGE_CHILDREN) - before;
	for (int i = 0; i < 5; i++)
		assert_int_equal(verify_aside("wrong", NULL, &err), 0);
	nobody = used_s(RUSAGE_CHILDREN) - before - wrong;
	assert_true(wrong > 0.02 && nobody > wrong / 3 && nobody < wrong * 3);
	assert_true(used_s(RUSAGE_SELF) - own < (wrong + nobody) / 2);
}

/* Is one of those processes, but not me, as nice as can be? */
static bool
one_is_nice(const char *children, pid_t me)
{
	for (const char *at = children; *at != '\0';) {
		char path[64], text[512], *end, *fields;
		long pid = strtol(at, &end, 10);
		size_t len = 0;
		int nice = 0;
		FILE *stat;

		if (end == at)
			break;
		at = end + strspn(end, " ");
		(void)snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
		if (pid == me || (stat = fopen(path, "r")) == NULL)
			continue;
		len = fread(text, 1, sizeof(text) - 1, stat);
		(void)fclose(stat);
		text[len] = '\0';
		fields = strrchr(text, ')');
		/* proc(5): the name is field 2, the niceness field 19 */
		for (int field = 2; fields != NULL && field < 19; field++)
			fields = strchr(fields + 1, ' ');
		if (fields != NULL)
			nice = (int)strtol(fields, NULL, 10);
		if (nice == 19)
			return true;
	}
	return false;
}

static void
it_steps_back_for_all_others(void **state)
{
	int64_t until = clock_mono_ms() + DEADLINE_MS;
	struct err err = ERR_INIT;
	pid_t watcher, parent = getpid();
	int status = -1;
	(void)state;

	watcher = fork();
	if (watcher == 0) {
		char path[64], children[512];

		(void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)parent,
			       (int)parent);
		while (clock_mono_ms() < until) {
			FILE *file = fopen(path, "r");
			size_t len =
			    file == NULL ? 0 : fread(children, 1, sizeof(children) - 1, file);

			if (file != NULL)
				(void)fclose(file);
			children[len] = '\0';
			if (one_is_nice(children, getpid()))
				_exit(0);
		}
		_exit(1);
	}
	assert_int_not_equal(watcher, -1);
	while (waitpid(watcher, &status, WNOHANG) == 0)
		assert_int_equal(verify_aside("wrong", hash, &err), 0);
	assert_int_equal(status, 0);
	assert_int_equal(getpriority(PRIO_PROCESS, 0), 0);
}

static void
where_no_process_is_to_be_had_it_says_busy(void **state)
{
	struct rlimit none = { 0, 0 };
	pid_t child;
	int status = 0;
	(void)state;

	if (geteuid() == 0) /* no limit counts for root */
		skip();
	child = fork();
	if (child == 0) {
		struct err err = ERR_INIT;

		if (setrlimit(RLIMIT_NPROC, &none) == -1 ||
		    verify_aside("correct horse", hash, &err) != -1 || err.kind != ERR_BUSY)
			_exit(1);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(right_is_right_and_wrong_is_wrong),
		cmocka_unit_test(a_hash_of_no_known_form_is_said_to_be_one),
		cmocka_unit_test(the_work_is_another_process_s_and_it_takes_as_long_for_nobody),
		cmocka_unit_test(it_steps_back_for_all_others),
		cmocka_unit_test(where_no_process_is_to_be_had_it_says_busy),
	};

	return cmocka_run_group_tests(tests, make_hash, NULL);
}
