/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/keeper_watch.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "tests/lib/keeper_client.h"

const char *
kc_output(struct kc *kc, int64_t job, const char *suffix)
{
	static char text[65536];
	char path[128];
	ssize_t len;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%" PRId64 ".%s", kc->dir, job, suffix);
	text[0] = '\0';
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return text;
	len = read(fd, text, sizeof(text) - 1);
	text[len < 0 ? 0 : len] = '\0';
	(void)close(fd);
	return text;
}

void
kc_wait_output(struct kc *kc, int64_t job, const char *wanted)
{
	int64_t until = clock_mono_ms() + KC_DEADLINE_MS;

	while (strstr(kc_output(kc, job, "out"), wanted) == NULL) {
		if (clock_mono_ms() > until)
			fail_msg("job %" PRId64 " does not write \"%s\"", job, wanted);
		kc_nap();
	}
}

static size_t
proc_file(const char *pid, const char *name, char *out, size_t size)
{
	char path[300];
	ssize_t len;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%s/%s", pid, name);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return 0;
	len = read(fd, out, size - 1);
	(void)close(fd);
	out[len < 0 ? 0 : len] = '\0';
	return len < 0 ? 0 : (size_t)len;
}

static bool
carries(const char *pid, const char *file, const char *mark)
{
	static char text[65536];
	size_t len = proc_file(pid, file, text, sizeof(text));

	return len > 0 && memmem(text, len, mark, strlen(mark)) != NULL;
}

/* Living processes with the mark; in that state only unless it is 0. */
static size_t
count_processes(const struct kc *kc, char wanted)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	size_t count = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		char stat[1024];
		const char *at;

		if (entry->d_name[0] < '1' || entry->d_name[0] > '9' ||
		    (!carries(entry->d_name, "environ", kc->mark) &&
		     !carries(entry->d_name, "cmdline", kc->mark)) ||
		    proc_file(entry->d_name, "stat", stat, sizeof(stat)) == 0 ||
		    (at = strrchr(stat, ')')) == NULL || at[2] == 'Z')
			continue;
		count += wanted == '\0' || at[2] == wanted;
	}
	(void)closedir(dir);
	return count;
}

size_t
kc_alive(const struct kc *kc)
{
	return count_processes(kc, '\0');
}

void
kc_wait_alive_in_state(const struct kc *kc, char state, size_t count)
{
	int64_t until = clock_mono_ms() + KC_DEADLINE_MS;

	while (count_processes(kc, state) != count) {
		if (clock_mono_ms() > until)
			fail_msg("%zu processes in state %c, not %zu", count_processes(kc, state),
				 state, count);
		kc_nap();
	}
}

void
kc_wait_stopped(const struct kc *kc)
{
	int64_t until = clock_mono_ms() + KC_DEADLINE_MS;
	size_t alive;

	/* D: a shell in vfork(), held by its child that was stopped before its exec. */
	while ((alive = kc_alive(kc)) == 0 ||
	       count_processes(kc, 'T') + count_processes(kc, 'D') != alive) {
		if (clock_mono_ms() > until)
			fail_msg("not all of %zu processes are stopped", alive);
		kc_nap();
	}
}

/* Descriptors of the keeper: those of files without a name, or all others. */
static size_t
fds_count(const struct kc *kc, bool nameless)
{
	char path[64], where[512];
	struct dirent *entry;
	size_t count = 0;
	ssize_t len;
	DIR *dir;

	(void)snprintf(path, sizeof(path), "/proc/%d/fd", (int)kc->keeper);
	assert_non_null(dir = opendir(path));
	while ((entry = readdir(dir)) != NULL) {
		if ((len = readlinkat(dirfd(dir), entry->d_name, where, sizeof(where) - 1)) < 1)
			continue; /* "." and "..", or closed since */
		where[len] = '\0';
		count += nameless == (strstr(where, "/#") != NULL);
	}
	(void)closedir(dir);
	return count;
}

size_t
kc_keeper_fds(const struct kc *kc)
{
	return fds_count(kc, false);
}

size_t
kc_keeper_spares(const struct kc *kc)
{
	return fds_count(kc, true);
}

void
kc_wait_keeper_fds(const struct kc *kc, size_t count)
{
	int64_t until = clock_mono_ms() + KC_DEADLINE_MS;

	while (kc_keeper_fds(kc) != count) {
		if (clock_mono_ms() > until)
			fail_msg("the keeper has %zu descriptors, not %zu", kc_keeper_fds(kc),
				 count);
		kc_nap();
	}
}

size_t
kc_keeper_children(const struct kc *kc)
{
	char text[65536], pid[32], name[64];
	size_t count = 0;

	(void)snprintf(pid, sizeof(pid), "%d", (int)kc->keeper);
	(void)snprintf(name, sizeof(name), "task/%d/children", (int)kc->keeper);
	(void)proc_file(pid, name, text, sizeof(text));
	for (const char *at = text; (at = strchr(at, ' ')) != NULL; at++)
		count++;
	return count;
}
