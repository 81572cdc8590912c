/* SPDX-License-Identifier: Apache-2.0 */
/* Directories of jobs: made, and removed whatever the job left in them. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "runner/dir_pool.h"
#include "runner/job_workdir.h"
#include "runner/tree_remove.h"

static char base[] = "/tmp/jqm-test-workdir-XXXXXX";

static int
make_base(void **state)
{
	(void)state;
	return mkdtemp(base) == NULL ? -1 : 0;
}

static int
remove_base(void **state)
{
	(void)state;
	return rmdir(base);
}

static void
write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, text, strlen(text)), 0);
	fd_close(&fd);
}

static char *
at(const char *name)
{
	return str_printf("%s/%s", base, name);
}

/* Remove BASE/name in slices of this size; the number of slices, -1 when something stays. */
static int
remove_tree(const char *name, unsigned budget, struct err *err)
{
	struct tree_remove *tree = tree_remove_new(base, name);
	int slices = 1, rc;

	while ((rc = tree_remove_step(tree, budget, err)) == 0)
		slices++;
	tree_remove_free(tree);
	return rc == -1 ? -1 : slices;
}

static bool
exists(const char *name)
{
	struct stat st;
	char *path = at(name);
	int rc = lstat(path, &st);

	free(path);
	return rc == 0;
}

static void
links_are_removed_and_their_targets_are_not(void **state)
{
	struct err err = ERR_INIT;
	char *outside = at("outside"), *file = at("outside/kept"), *job = at("job");
	char *link = at("job/link"), *dir_link = at("job/dirlink"), *hard = at("job/hard");

	(void)state;
	assert_int_equal(mkdir(outside, 0700), 0);
	assert_int_equal(mkdir(job, 0700), 0);
	write_file(file, "kept");
	assert_int_equal(symlink(file, link), 0);
	assert_int_equal(symlink(outside, dir_link), 0);
	assert_int_equal(linkat(AT_FDCWD, file, AT_FDCWD, hard, 0), 0);
	assert_true(remove_tree("job", 1000, &err) > 0);
	assert_false(exists("job"));
	assert_true(exists("outside/kept"));

	/* The directory itself replaced by a link: the link goes, nothing behind it. */
	assert_int_equal(symlink(outside, job), 0);
	assert_true(remove_tree("job", 1000, &err) > 0);
	assert_false(exists("job"));
	assert_true(exists("outside/kept"));

	assert_true(remove_tree("outside", 1000, &err) > 0);
	free(outside);
	free(file);
	free(job);
	free(link);
	free(dir_link);
	free(hard);
}

static void
directories_without_any_right_are_removed(void **state)
{
	struct err err = ERR_INIT;
	char *a = at("job"), *b = at("job/b"), *c = at("job/b/c"), *f = at("job/b/c/f");
	char *fifo = at("job/b/fifo");

	(void)state;
	assert_int_equal(mkdir(a, 0700), 0);
	assert_int_equal(mkdir(b, 0700), 0);
	assert_int_equal(mkdir(c, 0700), 0);
	write_file(f, "x");
	assert_int_equal(mkfifo(fifo, 0), 0);
	assert_int_equal(chmod(c, 0), 0);
	assert_int_equal(chmod(b, 0), 0);
	assert_int_equal(chmod(a, 0), 0);
	assert_true(remove_tree("job", 1000, &err) > 0);
	assert_false(exists("job"));
	free(a);
	free(b);
	free(c);
	free(f);
	free(fifo);
}

static void
depth_and_breadth_are_removed_in_slices(void **state)
{
	struct err err = ERR_INIT;
	char *job = at("deep");
	int fd, next, slices;

	(void)state;
	assert_int_equal(mkdir(job, 0700), 0);
	fd = open(job, O_RDONLY | O_DIRECTORY);
	assert_true(fd >= 0);
	for (int i = 0; i < 3000; i++) { /* far longer than any path may be */
		assert_int_equal(mkdirat(fd, "a-directory", 0700), 0);
		next = openat(fd, "a-directory", O_RDONLY | O_DIRECTORY);
		assert_true(next >= 0);
		(void)close(fd);
		fd = next;
	}
	for (int i = 0; i < 500; i++) {
		char name[16];
		int file;

		(void)snprintf(name, sizeof(name), "f%d", i);
		file = openat(fd, name, O_WRONLY | O_CREAT, 0);
		assert_true(file >= 0);
		(void)close(file);
	}
	(void)close(fd);
	slices = remove_tree("deep", 100, &err);
	assert_true(slices > 10);
	assert_false(exists("deep"));
	free(job);
}

static void
what_is_not_there_is_gone(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(remove_tree("never", 10, &err), 1);
}

static void
both_directories_are_made_once_and_removed(void **state)
{
	struct err err = ERR_INIT;
	struct job_workdir dir;
	struct dir_pool pool;
	struct stat st;
	char *logs = at("logs"), *left;

	(void)state;
	dir_pool_init(&pool, base);
	job_workdir_init(&dir, &pool, logs, 1234, 1);
	assert_true(str_ends(dir.temp, "/1234"));
	assert_true(str_ends(dir.delivery, "/1234_delivery"));
	assert_true(str_ends(dir.stdout_log, "/logs/1/0000001234.stdout.log"));
	assert_int_equal(job_workdir_make(&dir, 100, &err), 1);
	assert_int_equal(stat(dir.temp, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	left = str_printf("%s/left", dir.delivery);
	write_file(left, "by an earlier attempt");
	assert_int_equal(job_workdir_make(&dir, 1, &err), 0); /* in slices */
	while (job_workdir_make(&dir, 1, &err) == 0)
		;
	assert_int_equal(err.kind, ERR_NONE);
	assert_int_equal(stat(dir.delivery, &st), 0);
	assert_int_equal(access(left, F_OK), -1);
	free(left);
	job_workdir_touch_logs(&dir, "why it failed");
	assert_int_equal(stat(dir.stderr_log, &st), 0);
	assert_int_equal(st.st_size, strlen("why it failed\n"));
	assert_int_equal(stat(dir.stdout_log, &st), 0);
	job_workdir_drop_logs(&dir);
	assert_int_equal(stat(dir.stdout_log, &st), -1);
	assert_int_equal(stat(dir.stderr_log, &st), -1);
	assert_int_equal(job_workdir_remove(&dir, 100, &err), 1);
	assert_false(exists("1234"));
	assert_false(exists("1234_delivery"));
	job_workdir_free(&dir);
	assert_int_equal(pool.n, 0); /* what an earlier attempt left behind is for nobody */
	assert_true(remove_tree("logs", 100, &err) > 0);
	free(logs);
}

/* That is no fault of the job. */
static void
where_nothing_may_be_written_what_is_left_is_a_shortage(void **state)
{
	struct err err = ERR_INIT;
	struct job_workdir dir;
	struct dir_pool pool;
	char *logs = at("logs");
	int rc;

	(void)state;
	dir_pool_init(&pool, base);
	job_workdir_init(&dir, &pool, logs, 1234, 2);
	assert_int_equal(mkdir(dir.temp, 0700), 0);
	assert_int_equal(chmod(base, 0500), 0);
	while ((rc = job_workdir_make(&dir, 100, &err)) == 0)
		;
	assert_int_equal(chmod(base, 0700), 0);
	assert_int_equal(rc, -1);
	assert_int_equal(err.kind, ERR_BUSY);
	assert_true(dir.found);
	while (job_workdir_make(&dir, 100, &err) == 0)
		;
	assert_true(dir.made);
	assert_int_equal(job_workdir_remove(&dir, 100, &err), 1);
	job_workdir_free(&dir);
	assert_true(remove_tree("logs", 100, &err) > 0);
	free(logs);
}

/* The directories of attempt number n of job 1234, made; its stdout written. */
static void
begin_attempt(struct dir_pool *pool, const char *logs, int32_t n, const char *text)
{
	struct job_workdir dir;
	struct err err = ERR_INIT;

	job_workdir_init(&dir, pool, logs, 1234, n);
	assert_int_equal(job_workdir_make(&dir, 100, &err), 1);
	write_file(dir.stdout_log, text);
	while (job_workdir_remove(&dir, 100, &err) == 0)
		;
	job_workdir_free(&dir);
}

static void
assert_text(const char *name, const char *expected)
{
	struct buf buf = BUF_INIT(100);
	struct err err = ERR_INIT;
	char *path = str_printf("%s/logs/1/%s", base, name);

	assert_int_equal(fd_read_file(path, &buf, &err), 0);
	assert_string_equal(buf_text(&buf), expected);
	buf_free(&buf);
	free(path);
}

static void
a_later_attempt_takes_the_newest_name_and_leaves_the_others_their_logs(void **state)
{
	struct err err = ERR_INIT;
	struct dir_pool pool;
	char *logs = at("logs");

	(void)state;
	dir_pool_init(&pool, base);
	begin_attempt(&pool, logs, 1, "one");
	assert_text("0000001234.stdout.log", "one");
	begin_attempt(&pool, logs, 3, "three"); /* the second one was given back */
	assert_text("0000001234.1.stdout.log", "one");
	assert_text("0000001234.stdout.log", "three");
	begin_attempt(&pool, logs, 4, "four");
	assert_text("0000001234.1.stdout.log", "one");
	assert_text("0000001234.3.stdout.log", "three");
	assert_text("0000001234.4.stdout.log", "four");
	assert_text("0000001234.stdout.log", "four");
	assert_false(exists("logs/1/0000001234.2.stdout.log"));
	dir_pool_clear(&pool);
	assert_true(remove_tree("logs", 100, &err) > 0);
	free(logs);
}

/* It goes back to its queue: the newest logs here are those of the last attempt that ran here, if any did. */
static void
an_attempt_that_did_not_begin_gives_the_newest_name_back(void **state)
{
	struct err err = ERR_INIT;
	struct dir_pool pool;
	char *logs = at("logs");

	(void)state;
	dir_pool_init(&pool, base);
	for (int last = 0; last <= 3; last++) {
		struct job_workdir dir;

		if (last == 1)
			begin_attempt(&pool, logs, 1, "one");
		else if (last == 3)
			begin_attempt(&pool, logs, 3, "three");
		job_workdir_init(&dir, &pool, logs, 1234, last + 2);
		assert_int_equal(job_workdir_make(&dir, 100, &err), 1);
		assert_true(exists("logs/1/0000001234.stdout.log"));
		job_workdir_drop_logs(&dir);
		assert_int_equal(job_workdir_remove(&dir, 100, &err), 1);
		job_workdir_free(&dir);
		if (last == 0)
			assert_false(exists("logs/1/0000001234.stdout.log"));
		else
			assert_text("0000001234.stdout.log", last == 3 ? "three" : "one");
	}
	dir_pool_clear(&pool);
	assert_true(remove_tree("logs", 100, &err) > 0);
	free(logs);
}

/* The database came out of a backup that knows nothing of these attempts. */
static void
a_first_attempt_s_log_is_not_written_into_that_of_a_later_one(void **state)
{
	struct err err = ERR_INIT;
	struct job_workdir dir;
	struct dir_pool pool;
	char *logs = at("logs");

	(void)state;
	dir_pool_init(&pool, base);
	begin_attempt(&pool, logs, 1, "one");
	begin_attempt(&pool, logs, 2, "two");
	job_workdir_init(&dir, &pool, logs, 1234, 1);
	assert_true(job_workdir_drop_links(&dir));
	assert_false(job_workdir_drop_links(&dir));
	job_workdir_free(&dir);
	begin_attempt(&pool, logs, 1, "one anew");
	assert_text("0000001234.stdout.log", "one anew");
	assert_text("0000001234.2.stdout.log", "two");
	dir_pool_clear(&pool);
	assert_true(remove_tree("logs", 100, &err) > 0);
	free(logs);
}

static void
an_empty_directory_serves_the_next_job(void **state)
{
	struct dir_pool pool, later;
	struct stat first, next;
	char *one = at("one"), *two = at("two");

	(void)state;
	dir_pool_init(&pool, base);
	assert_int_equal(dir_pool_take(&pool, one), 0);
	assert_int_equal(stat(one, &first), 0);
	assert_true(dir_pool_give(&pool, one));
	assert_true(dir_pool_has(&pool, one));
	dir_pool_settle(&pool);
	assert_false(exists("one"));
	assert_false(dir_pool_has(&pool, one));
	dir_pool_init(&later, base); /* the next runner finds it */
	assert_int_equal(later.n, 1);
	assert_int_equal(dir_pool_take(&later, two), 0);
	assert_int_equal(stat(two, &next), 0);
	assert_true(first.st_ino == next.st_ino);
	assert_int_equal(later.n, 0);
	assert_int_equal(dir_pool_take(&pool, one), 0); /* its spare is gone: made anew */
	assert_int_equal(dir_pool_take(&pool, two), -1);
	assert_int_equal(errno, EEXIST);
	assert_true(dir_pool_give(&pool, one));
	dir_pool_clear(&pool);
	assert_false(exists(".spare-0"));
	assert_int_equal(rmdir(two), 0);
	dir_pool_clear(&later);
	free(one);
	free(two);
}

/* Moved away and made anew by somebody: directories are made where the path leads. */
static void
a_parent_that_was_made_anew_is_noticed(void **state)
{
	struct dir_pool pool;
	char *parent = at("parent"), *before = at("before"), *one = at("parent/one");
	char *left = at("before/.spare-0");

	(void)state;
	assert_int_equal(mkdir(parent, 0700), 0);
	dir_pool_init(&pool, parent);
	assert_int_equal(dir_pool_take(&pool, one), 0);
	assert_true(dir_pool_give(&pool, one));
	assert_int_equal(rename(parent, before), 0);
	assert_int_equal(mkdir(parent, 0700), 0);
	dir_pool_settle(&pool);
	assert_int_equal(dir_pool_take(&pool, one), 0);
	assert_true(exists("parent/one"));
	assert_true(dir_pool_give(&pool, one));
	dir_pool_clear(&pool);
	assert_int_equal(rmdir(parent), 0);
	assert_int_equal(rmdir(left), 0);
	assert_int_equal(rmdir(before), 0);
	free(left);
	free(parent);
	free(before);
	free(one);
}

static void
a_directory_that_was_just_given_gets_the_name_of_the_next_job(void **state)
{
	struct dir_pool pool;
	struct stat first, next;
	char *one = at("one"), *two = at("two");

	(void)state;
	dir_pool_init(&pool, base);
	assert_int_equal(dir_pool_take(&pool, one), 0);
	assert_int_equal(stat(one, &first), 0);
	assert_true(dir_pool_give(&pool, one));
	assert_int_equal(mkdir(two, 0700), 0); /* something is in the way */
	assert_int_equal(dir_pool_take(&pool, two), -1);
	assert_int_equal(errno, EEXIST);
	assert_int_equal(rmdir(two), 0);
	assert_int_equal(dir_pool_take(&pool, two), 0);
	assert_int_equal(stat(two, &next), 0);
	assert_true(first.st_ino == next.st_ino);
	assert_false(exists("one"));
	assert_int_equal(pool.n + pool.n_fresh, 0);
	for (unsigned i = 0; i <= DIR_POOL_FRESH_MAX;
	     i++) { /* one more than are kept by their names */
		char name[24], *path;

		(void)snprintf(name, sizeof(name), "n%u", i);
		path = at(name);
		assert_int_equal(mkdir(path, 0700), 0);
		assert_true(dir_pool_give(&pool, path));
		assert_true(dir_pool_has(&pool, path) == (i < DIR_POOL_FRESH_MAX));
		free(path);
	}
	dir_pool_clear(&pool);
	assert_false(exists("n0"));
	assert_false(exists(".spare-0"));
	assert_int_equal(rmdir(two), 0);
	free(one);
	free(two);
}

/* The same job again, or somebody else at its path: what was given under it is never taken from there. */
/* They are not gone, as one that somebody removed. */
static void
where_nothing_may_be_renamed_none_is_lost(void **state)
{
	struct dir_pool pool;
	char *one = at("one"), *two = at("two"), *three = at("three");

	(void)state;
	dir_pool_init(&pool, base);
	assert_int_equal(dir_pool_take(&pool, one), 0);
	assert_int_equal(dir_pool_take(&pool, two), 0);
	assert_true(dir_pool_give(&pool, one));
	dir_pool_settle(&pool); /* one is a spare by name */
	assert_true(dir_pool_give(&pool, two));
	assert_int_equal(chmod(base, 0500), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(dir_pool_take(&pool, three), -1);
		assert_int_equal(errno, EACCES);
	}
	assert_int_equal(chmod(base, 0700), 0);
	assert_int_equal(pool.n, 1);
	assert_int_equal(pool.n_fresh, 1);
	assert_int_equal(dir_pool_take(&pool, three), 0);
	assert_false(exists("two"));
	assert_int_equal(rmdir(three), 0);
	dir_pool_clear(&pool);
	free(one);
	free(two);
	free(three);
}

static void
a_path_that_is_used_again_is_nobody_s_spare(void **state)
{
	struct dir_pool pool;
	struct stat st;
	char *one = at("one"), *two = at("two"), *file = at("one/file");

	(void)state;
	dir_pool_init(&pool, base);
	assert_int_equal(dir_pool_take(&pool, one), 0);
	assert_true(dir_pool_give(&pool, one));
	assert_int_equal(dir_pool_take(&pool, one), 0);
	assert_false(dir_pool_has(&pool, one));
	write_file(file, "of the second attempt");
	assert_int_equal(dir_pool_take(&pool, two), 0);
	assert_int_equal(stat(file, &st), 0);
	assert_true(dir_pool_give(&pool, two));
	dir_pool_vacate(&pool, two);
	assert_false(exists("two"));
	assert_int_equal(mkdir(two, 0750), 0);
	dir_pool_settle(&pool);
	assert_true(exists("two"));
	assert_int_equal(rmdir(two), 0);
	assert_true(dir_pool_give(&pool, one) == false);
	assert_int_equal(unlink(file), 0);
	assert_true(dir_pool_give(&pool, one));
	assert_int_equal(rmdir(one), 0); /* by a sweep */
	assert_int_equal(dir_pool_take(&pool, two), 0);
	assert_int_equal(stat(two, &st), 0);
	assert_int_equal(rmdir(two), 0);
	dir_pool_clear(&pool);
	free(one);
	free(two);
	free(file);
}

/* What a job changed is not handed to another one. */
static void
a_directory_a_job_has_changed_is_not_kept(void **state)
{
	struct dir_pool pool;
	char *path = at("d"), *file = at("d/.f"), *link = at("l");

	(void)state;
	dir_pool_init(&pool, base);
	assert_int_equal(dir_pool_take(&pool, path), 0);
	write_file(file, "x");
	assert_false(dir_pool_give(&pool, path));
	assert_int_equal(unlink(file), 0);
	assert_int_equal(chmod(path, 0770), 0);
	assert_false(dir_pool_give(&pool, path));
	assert_int_equal(chmod(path, 0700), 0);
	assert_int_equal(symlink(path, link), 0);
	assert_false(dir_pool_give(&pool, link));
	assert_int_equal(unlink(link), 0);
	if (setxattr(path, "user.note", "x", 1, 0) == 0) /* not on every file system */
		assert_false(dir_pool_give(&pool, path));
	assert_true(exists("d"));
	assert_int_equal(pool.n, 0);
	assert_int_equal(rmdir(path), 0);
	free(path);
	free(file);
	free(link);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(links_are_removed_and_their_targets_are_not),
		cmocka_unit_test(directories_without_any_right_are_removed),
		cmocka_unit_test(depth_and_breadth_are_removed_in_slices),
		cmocka_unit_test(what_is_not_there_is_gone),
		cmocka_unit_test(both_directories_are_made_once_and_removed),
		cmocka_unit_test(where_nothing_may_be_written_what_is_left_is_a_shortage),
		cmocka_unit_test(
		    a_later_attempt_takes_the_newest_name_and_leaves_the_others_their_logs),
		cmocka_unit_test(an_attempt_that_did_not_begin_gives_the_newest_name_back),
		cmocka_unit_test(a_first_attempt_s_log_is_not_written_into_that_of_a_later_one),
		cmocka_unit_test(an_empty_directory_serves_the_next_job),
		cmocka_unit_test(a_parent_that_was_made_anew_is_noticed),
		cmocka_unit_test(a_directory_that_was_just_given_gets_the_name_of_the_next_job),
		cmocka_unit_test(where_nothing_may_be_renamed_none_is_lost),
		cmocka_unit_test(a_path_that_is_used_again_is_nobody_s_spare),
		cmocka_unit_test(a_directory_a_job_has_changed_is_not_kept),
	};

	return cmocka_run_group_tests(tests, make_base, remove_base);
}
