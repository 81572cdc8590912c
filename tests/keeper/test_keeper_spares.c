/* SPDX-License-Identifier: Apache-2.0 */
/* Outputs that were made before their job came (keeper/spare_outputs.h) are as good as those made for it. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "tests/lib/keeper_client.h"
#include "tests/lib/keeper_watch.h"

static void
wait_spares(const struct kc *kc, size_t count)
{
	int64_t until = clock_mono_ms() + KC_DEADLINE_MS;

	while (kc_keeper_spares(kc) != count) {
		if (clock_mono_ms() > until)
			fail_msg("%zu spares, not %zu", kc_keeper_spares(kc), count);
		kc_nap();
	}
}

/* A keeper with its spares made: job 1 has run. */
static struct kc *
with_spares(void)
{
	struct kc *kc = kc_new(NULL);

	assert_int_equal(kc_keeper_spares(kc), 0);
	kc_start(kc, 1, "echo first");
	assert_int_equal(kc_ended(kc, 1)->exit_code, 0);
	wait_spares(kc, 2);
	return kc;
}

static void
path_of(const struct kc *kc, const char *name, char path[static 128])
{
	(void)snprintf(path, 128, "%s/%s", kc->dir, name);
}

static void
outputs_made_before_are_like_any_other(void **state)
{
	struct kc *kc = with_spares();
	char path[128];
	struct stat st;
	(void)state;

	/* appended to, whoever else has it open, and the job's own alone */
	kc_start(kc, 2,
		 "echo one; echo two >&2; readlink /proc/self/fd/1; cat /proc/self/fdinfo/1");
	assert_int_equal(kc_ended(kc, 2)->exit_code, 0);
	path_of(kc, "2.out", path);
	assert_int_equal(strncmp(kc_output(kc, 2, "out"), "one\n", 4), 0);
	assert_non_null(strstr(kc_output(kc, 2, "out"), path));
	assert_null(strstr(kc_output(kc, 2, "out"), "deleted"));
	assert_non_null(strstr(kc_output(kc, 2, "out"), "2001\n")); /* O_APPEND, O_WRONLY */
	assert_string_equal(kc_output(kc, 2, "err"), "two\n");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(st.st_nlink, 1);
	kc_free(kc);
}

/* Is one of the keeper's nameless files that one? */
static bool
is_spare(const struct kc *kc, ino_t inode)
{
	for (int fd = 3; fd < 64; fd++) {
		char path[64];
		struct stat st;

		(void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)kc->keeper, fd);
		if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 0 &&
		    st.st_ino == inode)
			return true;
	}
	return false;
}

static void
the_next_job_is_given_them_and_others_are_made(void **state)
{
	struct kc *kc = with_spares();
	char path[128];
	struct stat st;
	ino_t before[64];
	size_t n = 0;
	(void)state;

	for (int fd = 3; fd < 64; fd++) {
		(void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)kc->keeper, fd);
		if (stat(path, &st) == 0 && is_spare(kc, st.st_ino))
			before[n++] = st.st_ino;
	}
	assert_int_equal(n, 2);
	kc_start(kc, 2, "true");
	assert_int_equal(kc_ended(kc, 2)->exit_code, 0);
	path_of(kc, "2.out", path);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_ino == before[0] || st.st_ino == before[1]);
	wait_spares(kc, 2);
	assert_false(is_spare(kc, st.st_ino));
	kc_free(kc);
}

static void
an_earlier_attempt_s_output_is_emptied_all_the_same(void **state)
{
	struct kc *kc = with_spares();
	char path[128];
	FILE *old;
	(void)state;

	path_of(kc, "2.out", path);
	assert_non_null(old = fopen(path, "w"));
	(void)fputs("of an earlier attempt", old);
	(void)fclose(old);
	kc_start(kc, 2, "echo new");
	assert_int_equal(kc_ended(kc, 2)->exit_code, 0);
	assert_string_equal(kc_output(kc, 2, "out"), "new\n");
	wait_spares(kc, 2);
	kc_free(kc);
}

static void
a_link_in_place_of_an_output_is_still_refused(void **state)
{
	struct kc *kc = with_spares();
	char path[128], elsewhere[128];
	struct stat st;
	(void)state;

	path_of(kc, "2.out", path);
	path_of(kc, "elsewhere", elsewhere);
	assert_int_equal(symlink(elsewhere, path), 0);
	kc_start(kc, 2, "echo new");
	(void)kc_wait(kc, KEEPER_NOT_STARTED, 2);
	assert_int_equal(stat(elsewhere, &st), -1);
	kc_free(kc);
}

static void
outputs_on_another_file_system_are_made_there(void **state)
{
	struct kc *kc = with_spares();
	struct keeper_msg order = kc_order(kc, 2, "echo elsewhere");
	char path[] = "/dev/shm/jqm-spares.XXXXXX", text[32] = "";
	int fd = mkstemp(path);
	(void)state;

	assert_int_not_equal(fd, -1);
	order.u.start.stdout_path = path;
	kc_send(kc, &order);
	assert_int_equal(kc_ended(kc, 2)->exit_code, 0);
	assert_int_equal(read(fd, text, sizeof(text)), strlen("elsewhere\n"));
	(void)close(fd);
	assert_int_equal(unlink(path), 0);
	kc_start(kc, 3, "echo back");
	assert_int_equal(kc_ended(kc, 3)->exit_code, 0);
	assert_string_equal(kc_output(kc, 3, "out"), "back\n");
	kc_free(kc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outputs_made_before_are_like_any_other),
		cmocka_unit_test(the_next_job_is_given_them_and_others_are_made),
		cmocka_unit_test(an_earlier_attempt_s_output_is_emptied_all_the_same),
		cmocka_unit_test(a_link_in_place_of_an_output_is_still_refused),
		cmocka_unit_test(outputs_on_another_file_system_are_made_there),
	};

	kc_leave_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
