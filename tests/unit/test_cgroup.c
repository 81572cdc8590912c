/* SPDX-License-Identifier: Apache-2.0 */
/* keeper/cgroup.c: which limit goes into which file, and what is read; an ordinary directory will do. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
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
	f->slot.cpu_max_s = 3;
	put(f, "cpu.stat", "usage_usec 0\n");
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
	assert_int_equal(plan.cpu_max_s, 0); /* no RLIMIT_CPU */
}

static void
nothing_is_looked_at_without_a_limit_that_needs_it(void **state)
{
	struct fixture *f = *state;

	f->slot.memory_max_bytes = 123456789;
	resource_limits_begin(&f->keeper, 0);
	assert_true(f->keeper.due_ms == NEVER_MS);
	f->slot.processes_max = 20;
	resource_limits_begin(&f->keeper, 0);
	assert_true(f->keeper.due_ms != NEVER_MS);
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
	assert_int_equal(plan.cpu_max_s, 5); /* the keeper looks first */
	resource_limits_begin(&f->keeper, 0);
	assert_true(f->keeper.due_ms != NEVER_MS);
}

/* What the kernel noted of the group, what the first process ended with and had used, and who ended it. */
static void
an_end_for_a_limit_is_told_from_an_own_end(void **state)
{
	static const struct {
		const char *oom, *refused; /* NULL: limited without a group */
		int exit_code, signal;
		int64_t used_ms, orphans_ms;
		int cause;
	} cases[] = {
		{ "0", "0", 1, 0, 0, 0, KEEPER_CAUSE_NONE },
		{ "1\noom_kill 1", "0", -1, SIGKILL, 0, 0, KEEPER_CAUSE_MEMORY },
		{ "1\noom_kill 2", "0", 1, 0, 0, 0, KEEPER_CAUSE_MEMORY },
		{ "1\noom_kill 0", "0", 1, 0, 0, 0, KEEPER_CAUSE_NONE },
		{ "0\noom_kill 1", "0", -1, SIGKILL, 0, 0, KEEPER_CAUSE_NONE }, /* the machine's */
		{ "0", "3", 2, 0, 0, 0, KEEPER_CAUSE_PROCESSES },
		{ "2\noom_kill 2", "3", 0, 0, 9000, 0, KEEPER_CAUSE_NONE }, /* it coped */
		{ "0", "0", 1, 0, 9000, 0, KEEPER_CAUSE_NONE }, /* we had ended it */
		{ NULL, NULL, -1, SIGXCPU, 4500, 0, KEEPER_CAUSE_CPU },
		{ NULL, NULL, 128 + SIGXCPU, 0, 3000, 0, KEEPER_CAUSE_CPU },
		{ NULL, NULL, 128 + SIGXCPU, 0, 1000, 2000, KEEPER_CAUSE_CPU },
		{ NULL, NULL, 128 + SIGXCPU, 0, 2999, 0, KEEPER_CAUSE_NONE },
		{ NULL, NULL, 1, 0, 3500, 0, KEEPER_CAUSE_NONE }, /* we had ended it, soon */
		{ NULL, NULL, -1, SIGSEGV, 100, 0, KEEPER_CAUSE_NONE },
		{ NULL, NULL, 0, 0, 3500, 0, KEEPER_CAUSE_NONE },
	};
	struct fixture *f = *state;
	char text[100];

	f->slot.memory_max_bytes = 1 << 20;
	f->slot.processes_max = 5;
	f->slot.cpu_max_s = 3;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool grouped = cases[i].oom != NULL;

		f->run.memory_by_group = f->run.processes_by_group = f->run.time_by_group = grouped;
		f->run.orphans_cpu_us = cases[i].orphans_ms * 1000;
		f->slot.exit_code = cases[i].exit_code;
		f->slot.signal = cases[i].signal;
		f->slot.user_us = cases[i].used_ms * 1000 - 1;
		f->slot.system_us = 1;
		f->slot.cause = KEEPER_CAUSE_NONE;
		(void)snprintf(text, sizeof(text), "max 12\noom %s\n",
			       grouped ? cases[i].oom : "9\noom_kill 9");
		put(f, "memory.events", text);
		(void)snprintf(text, sizeof(text), "max %s\n", grouped ? cases[i].refused : "9");
		put(f, "pids.events", text);
		resource_limits_explain(&f->keeper, 0);
		assert_int_equal(f->slot.cause, cases[i].cause);
	}
	f->slot.cause = KEEPER_CAUSE_ORDER;
	f->slot.signal = SIGXCPU;
	resource_limits_explain(&f->keeper, 0);
	assert_int_equal(f->slot.cause, KEEPER_CAUSE_ORDER);
}

/* A controller for a group in which processes stand would make it a group of threads. */
static void
a_keeper_steps_aside_for_controllers_only_when_it_is_alone(void **state)
{
	struct fixture *f = *state;
	char self[24];

	f->group[0] = '.'; /* the keeper's own */
	f->group[1] = '\0';
	(void)snprintf(self, sizeof(self), "%d\n", (int)getpid());
	put(f, "cgroup.subtree_control", "");
	put(f, "cgroup.controllers", "memory pids\n");
	put(f, "cgroup.procs", "1\n2\n");
	cgroup_take_controllers(&f->keeper.cgroup);
	assert_file(f, "cgroup.subtree_control", "");
	assert_int_equal(faccessat(f->keeper.cgroup.fd, "jqm-keeper", F_OK, 0), -1);
	assert_string_equal(cgroup_controllers(&f->keeper.cgroup), "none");

	assert_int_equal(mkdirat(f->keeper.cgroup.fd, "jqm-keeper", 0700), 0);
	put(f, "jqm-keeper/cgroup.procs", "");
	put(f, "cgroup.procs", self);
	put(f, "cgroup.controllers", "cpu io\n");
	cgroup_take_controllers(&f->keeper.cgroup);
	assert_file(f, "jqm-keeper/cgroup.procs", "");
	put(f, "cgroup.controllers", "cpu pids\n");
	cgroup_take_controllers(&f->keeper.cgroup);
	assert_file(f, "jqm-keeper/cgroup.procs", "0");
	assert_true(f->keeper.cgroup.stepped_aside);
	put(f, "cgroup.subtree_control", "cpu pids\n");
	assert_string_equal(cgroup_controllers(&f->keeper.cgroup), "pids");

	put(f, "jqm-keeper/cgroup.procs", "1\n2\n"); /* somebody else stands there, too */
	cgroup_leave_controllers(&f->keeper.cgroup);
	assert_file(f, "cgroup.subtree_control", "cpu pids\n");
	put(f, "jqm-keeper/cgroup.procs", self);
	put(f, "cgroup.procs", "");
	cgroup_leave_controllers(&f->keeper.cgroup);
	assert_file(f, "cgroup.procs", "0");
	assert_false(f->keeper.cgroup.stepped_aside);
}

/* Its guard stands in the same group and goes along; nobody else does. */
static void
a_keeper_and_its_guard_are_alone_together(void **state)
{
	struct fixture *f = *state;
	char both[48], stranger[64];

	f->group[0] = '.';
	f->group[1] = '\0';
	f->keeper.cgroup.guard = 4711;
	(void)snprintf(both, sizeof(both), "4711\n%d\n", (int)getpid());
	(void)snprintf(stranger, sizeof(stranger), "4711\n%d\n4712\n", (int)getpid());
	put(f, "cgroup.subtree_control", "");
	put(f, "cgroup.controllers", "memory pids\n");
	assert_int_equal(mkdirat(f->keeper.cgroup.fd, "jqm-keeper", 0700), 0);
	put(f, "jqm-keeper/cgroup.procs", "");
	put(f, "cgroup.procs", stranger);
	cgroup_take_controllers(&f->keeper.cgroup);
	assert_false(f->keeper.cgroup.stepped_aside);
	assert_file(f, "jqm-keeper/cgroup.procs", "");
	put(f, "cgroup.procs", both);
	cgroup_take_controllers(&f->keeper.cgroup);
	assert_true(f->keeper.cgroup.stepped_aside);
	assert_file(f, "jqm-keeper/cgroup.procs",
		    "0711"); /* the guard's number, then "0" for us, in a plain file */

	put(f, "cgroup.subtree_control", "memory pids\n");
	put(f, "jqm-keeper/cgroup.procs", stranger);
	cgroup_leave_controllers(&f->keeper.cgroup);
	assert_true(f->keeper.cgroup.stepped_aside);
	put(f, "jqm-keeper/cgroup.procs", both);
	put(f, "cgroup.procs", "");
	cgroup_leave_controllers(&f->keeper.cgroup);
	assert_file(f, "cgroup.procs", "0711");
	assert_false(f->keeper.cgroup.stepped_aside);
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
		cmocka_unit_test_setup_teardown(nothing_is_looked_at_without_a_limit_that_needs_it,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_end_for_a_limit_is_told_from_an_own_end, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
		    a_keeper_steps_aside_for_controllers_only_when_it_is_alone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_keeper_and_its_guard_are_alone_together, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(numbers_are_found_by_their_whole_key, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
