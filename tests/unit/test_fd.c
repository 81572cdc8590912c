/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"

static char dir[64];
static char path[128];

/* dir/name, valid until the next call. */
static const char *
in_dir(const char *name)
{
	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static int
make_dir(void **state)
{
	(void)state;
	(void)str_copy(dir, sizeof(dir), "/tmp/jqm-test-fd.XXXXXX");
	return mkdtemp(dir) == NULL ? -1 : 0;
}

static int
remove_dir(void **state)
{
	static const char *const names[] = { "file", "empty", "made/a/b", "made/a",
					     "made", "link",  "plain",    "apart" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)remove(in_dir(names[i]));
	return rmdir(dir); /* fails when a temporary file was left behind */
}

static size_t
count_entries(void)
{
	DIR *stream = opendir(dir);
	size_t count = 0;

	assert_non_null(stream);
	while (readdir(stream) != NULL)
		count++;
	(void)closedir(stream);
	return count - 2;
}

static void
closing_forgets_the_number_and_keeps_errno(void **state)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int number = fd;

	(void)state;
	errno = EPERM;
	fd_close(&fd);
	assert_int_equal(fd, -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(fcntl(number, F_GETFD), -1);
	errno = EPERM;
	fd_close(&fd); /* again does nothing */
	assert_int_equal(errno, EPERM);
}

static void
taking_moves_ownership(void **state)
{
	int fd = 7;

	(void)state;
	assert_int_equal(fd_take(&fd), 7);
	assert_int_equal(fd, -1);
	assert_int_equal(fd_take(&fd), -1);
}

static void
ignore_signal(int number)
{
	(void)number;
}

struct slow_reader {
	pthread_t writer;
	int fd;
	size_t total;
};

/* Reads in small pieces and interrupts the writer between them. */
static void *
read_slowly(void *arg)
{
	struct slow_reader *reader = arg;
	char piece[3000];
	ssize_t got;

	while ((got = read(reader->fd, piece, sizeof(piece))) > 0) {
		reader->total += (size_t)got;
		(void)pthread_kill(reader->writer, SIGUSR1);
	}
	return NULL;
}

static void
a_write_goes_on_after_short_writes_and_signals(void **state)
{
	static char data[1000000];
	struct sigaction action, before;
	struct slow_reader reader = { .writer = pthread_self() };
	pthread_t thread;
	int fds[2];

	(void)state;
	memset(&action, 0, sizeof(action));
	action.sa_handler = ignore_signal; /* without SA_RESTART */
	assert_int_equal(sigaction(SIGUSR1, &action, &before), 0);
	assert_int_equal(pipe(fds), 0);
	reader.fd = fds[0];
	assert_int_equal(pthread_create(&thread, NULL, read_slowly, &reader), 0);
	assert_int_equal(fd_write_all(fds[1], data, sizeof(data)), 0);
	fd_close(&fds[1]);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(reader.total, sizeof(data));
	fd_close(&fds[0]);
	assert_int_equal(sigaction(SIGUSR1, &before, NULL), 0);
}

static void
a_write_that_fails_says_why_in_errno(void **state)
{
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	assert_int_not_equal(fd, -1);
	assert_int_equal(fd_write_all(fd, "x", 1), -1);
	assert_int_equal(errno, ENOSPC);
	assert_int_equal(fd_write_all(fd, "", 0), 0);
	fd_close(&fd);
}

static void
a_file_is_written_and_read_whole_with_its_mode(void **state)
{
	static const mode_t modes[] = { 0600, 0644, 0400 };
	static char data[50000];
	struct err err = ERR_INIT;
	struct stat st;
	mode_t before = umask(077);

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (char)(i * 7);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		struct buf buf = BUF_INIT(sizeof(data));

		data[0] = (char)i;
		assert_int_equal(fd_write_file(in_dir("file"), modes[i], data, sizeof(data), &err),
				 0);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, modes[i]);
		assert_int_equal(fd_read_file(path, &buf, &err), 0);
		assert_int_equal(buf.len, sizeof(data));
		assert_memory_equal(buf.data, data, sizeof(data));
		buf_free(&buf);
	}
	(void)umask(before);
	assert_int_equal(count_entries(), 1);
}

static void
an_empty_file_is_the_empty_text(void **state)
{
	struct buf buf = BUF_INIT(10);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(fd_write_file(in_dir("empty"), 0600, "", 0, &err), 0);
	assert_int_equal(fd_read_file(path, &buf, &err), 0);
	assert_string_equal(buf_text(&buf), "");
	buf_free(&buf);
}

static void
a_file_over_the_cap_is_too_large_and_named(void **state)
{
	struct buf exact = BUF_INIT(5), small = BUF_INIT(4);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(fd_write_file(in_dir("file"), 0600, "12345", 5, &err), 0);
	assert_int_equal(fd_read_file(path, &exact, &err), 0);
	assert_int_equal(fd_read_file(path, &small, &err), -1);
	assert_int_equal(err.kind, ERR_TOO_LARGE);
	assert_non_null(strstr(err.text, path));
	buf_free(&exact);
	buf_free(&small);
}

static void
what_cannot_be_read_is_told_apart(void **state)
{
	struct buf buf = BUF_INIT(100);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(fd_read_file(in_dir("nowhere"), &buf, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_non_null(strstr(err.text, "nowhere"));
	assert_int_equal(fd_read_file(in_dir("file/below"), &buf, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_int_equal(fd_read_file(dir, &buf, &err), -1);
	assert_int_equal(err.kind, ERR_INTERNAL);
	assert_int_equal(fd_read_all(-1, &buf, &err), -1);
	assert_int_equal(err.kind, ERR_INTERNAL);
	buf_free(&buf);
}

static void
a_file_that_cannot_be_replaced_stays_and_nothing_is_left(void **state)
{
	struct err err = ERR_INIT;
	size_t before;

	(void)state;
	assert_int_equal(fd_make_dirs(in_dir("made/a"), 0700, &err), 0);
	before = count_entries();
	assert_int_equal(fd_write_file(in_dir("made"), 0600, "x", 1, &err), -1);
	assert_int_equal(err.kind, ERR_INTERNAL);
	assert_non_null(strstr(err.text, "could not replace"));
	assert_int_equal(count_entries(), before);
	assert_int_equal(fd_write_file(in_dir("nowhere/x"), 0600, "x", 1, &err), -1);
	assert_int_equal(err.kind, ERR_INTERNAL);
}

/* In a child: a limit on file size makes write() fail halfway, as a full disk does. */
static void
a_write_that_fails_halfway_leaves_the_old_file(void **state)
{
	static char large[200000];
	const struct rlimit limit = { 100000, 100000 };
	struct buf buf = BUF_INIT(100);
	struct err err = ERR_INIT;
	size_t before;
	int status;
	pid_t pid;

	(void)state;
	assert_int_equal(fd_write_file(in_dir("file"), 0600, "old", 3, &err), 0);
	before = count_entries();
	if ((pid = fork()) == 0) {
		(void)signal(SIGXFSZ, SIG_IGN);
		(void)setrlimit(RLIMIT_FSIZE, &limit);
		_exit(fd_write_file(path, 0600, large, sizeof(large), &err) == -1 &&
			      err.kind == ERR_INTERNAL
			  ? 0
			  : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(fd_read_file(in_dir("file"), &buf, &err), 0);
	assert_string_equal(buf_text(&buf), "old");
	assert_int_equal(count_entries(), before);
	buf_free(&buf);
}

static void
directories_are_made_down_to_the_last(void **state)
{
	struct err err = ERR_INIT;
	mode_t before = umask(022);
	struct stat st;

	(void)state;
	assert_int_equal(fd_make_dirs(in_dir("made//a/b/"), 0750, &err), 0);
	assert_int_equal(stat(in_dir("made/a/b"), &st), 0);
	assert_true(S_ISDIR(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0750);
	assert_int_equal(chmod(path, 0700), 0);
	assert_int_equal(fd_make_dirs(path, 0750, &err), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700); /* left as it was */
	assert_int_equal(fd_make_dirs("/", 0750, &err), 0);
	(void)umask(before);
}

static void
directories_cannot_be_made_below_a_file(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(fd_write_file(in_dir("plain"), 0600, "", 0, &err), 0);
	assert_int_equal(fd_make_dirs(path, 0750, &err), -1);
	assert_int_equal(err.kind, ERR_INTERNAL);
	assert_int_equal(fd_make_dirs(in_dir("plain/x/y"), 0750, &err), -1);
	assert_int_equal(fd_make_dirs("", 0750, &err), -1);
	assert_int_equal(symlink(dir, in_dir("link")), 0);
	assert_int_equal(fd_make_dirs(path, 0750, &err), 0);
}

/* Elsewhere than on ext4 there is nothing to see but that nothing happens. */
static void
directories_that_are_to_lie_apart_are_marked_where_that_is_known(void **state)
{
	struct err err = ERR_INIT;
	struct statfs fs;
	int flags = 0, fd;

	(void)state;
	assert_int_equal(fd_make_dirs(in_dir("apart"), 0750, &err), 0);
	assert_int_not_equal(fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), -1);
	assert_int_equal(fstatfs(fd, &fs), 0);
	for (int i = 0; i < 2; i++) {
		fd_spread_dirs(path);
		if (fs.f_type != EXT4_SUPER_MAGIC)
			continue;
		assert_int_equal(ioctl(fd, FS_IOC_GETFLAGS, &flags), 0);
		assert_int_not_equal(flags & FS_TOPDIR_FL, 0);
	}
	assert_int_equal(close(fd), 0);
	fd_spread_dirs(in_dir("not there"));
	fd_spread_dirs("/dev/null");
	fd_spread_dirs("/proc/self");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(closing_forgets_the_number_and_keeps_errno),
		cmocka_unit_test(taking_moves_ownership),
		cmocka_unit_test(a_write_goes_on_after_short_writes_and_signals),
		cmocka_unit_test(a_write_that_fails_says_why_in_errno),
		cmocka_unit_test(a_file_is_written_and_read_whole_with_its_mode),
		cmocka_unit_test(an_empty_file_is_the_empty_text),
		cmocka_unit_test(a_file_over_the_cap_is_too_large_and_named),
		cmocka_unit_test(what_cannot_be_read_is_told_apart),
		cmocka_unit_test(a_file_that_cannot_be_replaced_stays_and_nothing_is_left),
		cmocka_unit_test(a_write_that_fails_halfway_leaves_the_old_file),
		cmocka_unit_test(directories_are_made_down_to_the_last),
		cmocka_unit_test(directories_cannot_be_made_below_a_file),
		cmocka_unit_test(directories_that_are_to_lie_apart_are_marked_where_that_is_known),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
