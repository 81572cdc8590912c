/* SPDX-License-Identifier: Apache-2.0 */
/* keeper/cgroup.c: which limit goes into which file, and what is read; an ordinary directory will do. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "keeper/cgroup.h"
#include "keeper/child_exec.h"
#include "keeper/keeper.h"
#include "keeper/resource_limits.h"

struct fixture {
	char dir[64], group[SLOT_GROUP_SIZE];
	struct keeper keeper;
	struct slot slot;
	struct run run;
};

static void
put(const struct fixture *f, const char *file, const char *text)
{
	char *path = str_printf("%s/%s/%s", f->dir, f->group, file);
	struct err err = ERR_INIT;

	assert_int_equal(fd_write_file(path, 0600, text, strlen(text), &err), 0);
	free(path);
}

static void
assert_file(const struct fixture *f, const char *file, const char *expected)
{
	char *path = str_printf("%s/%s/%s", f->dir, f->group, file);
	struct buf text = BUF_INIT(1000);
	struct err err = ERR_INIT;

	assert_int_equal(fd_read_file(path, &text, &err), 0);
	assert_string_equal(buf_text(&text), expected);
	buf_free(&text);
	free(path);
}

/* A keeper with one slot, and a "group" for its job. */
static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	char *path;

	assert_non_null(f);
	(void)str_copy(f->dir, sizeof(f->dir), "/tmp/jqm-cgroup.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->slot.job_id = 7;
	f->keeper.jobs.file.slots = &f->slot;
	f->keeper.jobs.runs = &f->run;
	f->keeper.jobs.top = f->keeper.jobs.file.count = 1;
	f->keeper.due_ms = NEVER_MS;
	f->run.resources_look_ms = NEVER_MS;
	slot_group(&f->keeper.jobs.file, &f->slot, f->group);
	path = str_printf("%s/%s", f->dir, f->group);
	assert_int_equal(mkdir(path, 0700), 0);
	free(path);
	f->keeper.cgroup.fd = open(f->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;
	char *command = str_printf("rm -rf %s", f->dir);

	cgroup_close(&f->keeper.cgroup);
	assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c) */
	free(command);
	free(f);
	return 0;
}

static void
limits_go_to_the_group_where_it_has_the_controllers(void **state)
{
	struct fixture *f = *state;
	struct child_plan plan = { .cgroup_fd = 1 };

	f->slot.memory_max_bytes = 123456789;
	f->slot.processes_max = 20;
	put(f, "memory.max", "");
	put(f, "memory.swap.max", "");
	put(f, "memory.oom.group", "");
	put(f, "pids.max", "");
	resource_limits_plan(&f->keeper, 0, f->group, &plan);
	assert_file(f, "memory.max", "123456789");
	assert_file(f, "memory.swap.max", "0");
	assert_file(f, "memory.oom.group", "1");
	assert_file(f, "pids.max", "20");
	assert_int_equal(plan.memory_max_bytes, 0); /* no RLIMIT_AS then */
	resource_limits_begin(&f->keeper, 0);
	assert_true(f->keeper.due_ms == NEVER_MS); /* and nothing to count */
}

static void
without_controllers_processes_are_limited_and_counted(void **state)
{
	struct fixture *f = *state;
	struct child_plan plan = { .cgroup_fd = 1 };

	f->slot.memory_max_bytes = 123456789;
	f->slot.processes_max = 20;
	f->slot.cpu_max_s = 3;
	resource_limits_plan(&f->keeper, 0, f->group, &plan);
	assert_int_equal(plan.memory_max_bytes, 123456789);
	assert_int_equal(plan.cpu_max_s, 3);
	resource_limits_begin(&f->keeper, 0);
	assert_true(f->keeper.due_ms != NEVER_MS);
}

static void
a_kill_by_the_kernel_for_memory_is_told_apart(void **state)
{
	struct fixture *f = *state;

	f->run.memory_by_group = true;
	put(f, "memory.events", "low 0\nhigh 0\nmax 12\noom 0\noom_kill 0\n");
	resource_limits_explain(&f->keeper, 0);
	assert_int_equal(f->slot.cause, KEEPER_CAUSE_NONE);
	put(f, "memory.events", "low 0\nhigh 0\nmax 12\noom 1\noom_kill 2\n");
	resource_limits_explain(&f->keeper, 0);
	assert_int_equal(f->slot.cause, KEEPER_CAUSE_MEMORY);
}

static void
numbers_are_found_by_their_whole_key(void **state)
{
	struct fixture *f = *state;

	put(f, "cpu.stat", "usage_usec_x 1\nusage_usec 4242\nuser_usec 3\n");
	assert_int_equal(cgroup_number(&f->keeper.cgroup, f->group, "cpu.stat", "usage_usec"),
			 4242);
	assert_int_equal(cgroup_number(&f->keeper.cgroup, f->group, "cpu.stat", "usec"), -1);
	assert_int_equal(cgroup_number(&f->keeper.cgroup, f->group, "none", "usage_usec"), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(limits_go_to_the_group_where_it_has_the_controllers,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    without_controllers_processes_are_limited_and_counted, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_kill_by_the_kernel_for_memory_is_told_apart,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(numbers_are_found_by_their_whole_key, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
