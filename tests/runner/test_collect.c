/* SPDX-License-Identifier: Apache-2.0 */
/* What is taken from a delivery directory, and what is not. */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "model/job_end.h"
#include "runner/collector.h"
#include "runner/tree_remove.h"

#define SHA_OF_ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

/* A delivery directory, a store and an end, fresh for each test. */
struct world {
	char *base, *delivery, *store;
	struct job_end end;
	struct collector_spec spec;
};

static int
set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	char template[] = "/tmp/jqm-test-collect-XXXXXX";

	if (w == NULL || mkdtemp(template) == NULL)
		return -1;
	w->base = str_dup(template);
	w->delivery = str_printf("%s/7_delivery", w->base);
	w->store = str_printf("%s/store", w->base);
	job_end_init(&w->end, 7, 1);
	w->end.state = JOB_END_ENDED;
	w->spec = (struct collector_spec){ w->delivery, w->store, "a/def", 7, 1, 0, 0, false };
	*state = w;
	return mkdir(w->delivery, 0700) == 0 && mkdir(w->store, 0700) == 0 ? 0 : -1;
}

static int
tear_down(void **state)
{
	struct world *w = *state;
	struct tree_remove *tree = tree_remove_new("/tmp", w->base + strlen("/tmp/"));
	struct err err = ERR_INIT;
	int rc;

	while ((rc = tree_remove_step(tree, 1000, &err)) == 0)
		;
	tree_remove_free(tree);
	job_end_free(&w->end);
	free(w->base);
	free(w->delivery);
	free(w->store);
	free(w);
	return rc == 1 ? 0 : -1;
}

static void
put(struct world *w, const char *name, const char *text)
{
	char *path = str_printf("%s/%s", w->delivery, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, text, strlen(text)), 0);
	fd_close(&fd);
	free(path);
}

/* The number of slices it took; -1: the node lacks what err says. */
static int
try_collect(struct world *w, int64_t budget, struct err *err)
{
	struct collector *c = collector_new(&w->spec);
	int slices = 1;
	int rc;

	while ((rc = collector_step(c, budget, &w->end, err)) == 0)
		slices++;
	collector_free(c);
	return rc == 1 ? slices : -1;
}

static int
collect(struct world *w, int64_t budget)
{
	struct err err = ERR_INIT;
	int slices = try_collect(w, budget, &err);

	assert_int_not_equal(slices, -1);
	return slices;
}

/* Its path, in fresh memory; NULL: there is none. */
static char *
first_file(const char *dir)
{
	DIR *d = opendir(dir);
	const struct dirent *entry;
	char *path = NULL;

	while (path == NULL && d != NULL && (entry = readdir(d)) != NULL)
		if (entry->d_name[0] != '.')
			path = str_printf("%s/%s", dir, entry->d_name);
	if (d != NULL)
		(void)closedir(d);
	return path;
}

static bool
said(const struct world *w, const char *text)
{
	for (size_t i = 0; i < w->end.n_messages; i++)
		if (strcmp(w->end.messages[i], text) == 0)
			return true;
	for (size_t i = 0; i < w->end.n_messages; i++)
		print_message("message: %s\n", w->end.messages[i]);
	return false;
}

static const struct job_end_file *
file_named(const struct world *w, const char *name)
{
	for (size_t i = 0; i < w->end.n_files; i++)
		if (strcmp(w->end.files[i].name, name) == 0)
			return &w->end.files[i];
	return NULL;
}

static void
a_file_is_stored_under_a_name_of_ours(void **state)
{
	struct world *w = *state;
	const struct job_end_file *f;
	struct stat st;
	char *path;

	put(w, "re port.txt", "abc");
	(void)collect(w, 1 << 20);
	assert_int_equal(w->end.n_files, 1);
	f = &w->end.files[0];
	assert_string_equal(f->name, "re port.txt");
	assert_string_equal(f->sha256, SHA_OF_ABC);
	assert_int_equal(f->size_bytes, 3);
	path = str_printf("a_def/7/%s.txt", f->guid);
	assert_string_equal(f->path, path);
	free(path);
	path = str_printf("%s/%s", w->store, f->path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(st.st_size, 3);
	free(path);
	assert_int_equal(w->end.state, JOB_END_ENDED);
	assert_int_equal(w->end.n_messages, 0);
}

static void
only_plain_files_are_taken_and_the_rest_is_named(void **state)
{
	struct world *w = *state;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char *path, *other;
	int fd;

	path = str_printf("%s/link", w->delivery);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	free(path);
	path = str_printf("%s/dir", w->delivery);
	assert_int_equal(mkdir(path, 0700), 0);
	free(path);
	path = str_printf("%s/pipe", w->delivery);
	assert_int_equal(mkfifo(path, 0600), 0);
	free(path);
	put(w, "hard", "x");
	path = str_printf("%s/hard", w->delivery);
	other = str_printf("%s/elsewhere", w->base);
	assert_int_equal(link(path, other), 0);
	free(path);
	free(other);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/sock", w->delivery);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	(void)close(fd);
	put(w, "good", "abc");

	(void)collect(w, 1 << 20);
	assert_int_equal(w->end.n_files, 1);
	assert_non_null(file_named(w, "good"));
	assert_int_equal(w->end.n_messages, 5);
	assert_true(said(w, "not delivered: \"link\" is a symbolic link"));
	assert_true(said(w, "not delivered: \"dir\" is a directory"));
	assert_true(said(w, "not delivered: \"pipe\" is a named pipe"));
	assert_true(said(w, "not delivered: \"sock\" is a socket"));
	assert_true(said(w, "not delivered: \"hard\" has a second name (hard link)"));
	assert_int_equal(w->end.state, JOB_END_ENDED);
}

static void
strange_names_are_kept_as_valid_text(void **state)
{
	struct world *w = *state;
	char longest[256];

	put(w, "two\nlines.txt", "1");
	put(w, "...", "2");
	put(w, "..x", "3");
	put(w, "\xff\xfe.bin", "4");
	put(w, " ", "5");
	put(w, "-rf", "6");
	memset(longest, 'y', 255);
	longest[255] = '\0';
	put(w, longest, "7");
	(void)collect(w, 1 << 20);
	assert_int_equal(w->end.n_files, 7);
	assert_non_null(file_named(w, "two\\x0Alines.txt"));
	assert_non_null(file_named(w, "..."));
	assert_non_null(file_named(w, "..x"));
	assert_non_null(file_named(w, "\\xFF\\xFE.bin"));
	assert_non_null(file_named(w, " "));
	assert_non_null(file_named(w, "-rf"));
	assert_non_null(file_named(w, longest));
}

static void
too_many_files_crash_the_job_and_the_first_ones_are_kept(void **state)
{
	struct world *w = *state;
	char name[16];

	w->spec.max_count = 3;
	for (int i = 0; i < 5; i++) {
		(void)snprintf(name, sizeof(name), "f%d", i);
		put(w, name, "abc");
	}
	(void)collect(w, 1 << 20);
	assert_int_equal(w->end.n_files, 3);
	assert_int_equal(w->end.n_messages, 2);
	assert_int_equal(w->end.state, JOB_END_CRASHED);
	assert_string_equal(w->end.reason, "delivered files exceed 3 files");
}

static void
too_many_bytes_crash_the_job(void **state)
{
	struct world *w = *state;

	w->spec.max_bytes = 5;
	put(w, "a", "abc");
	put(w, "b", "abcdefgh");
	(void)collect(w, 1 << 20);
	assert_int_equal(w->end.n_files, 1);
	assert_non_null(file_named(w, "a"));
	assert_true(said(w, "not delivered: \"b\": the job's files exceed 5 bytes"));
	assert_int_equal(w->end.state, JOB_END_CRASHED);
	assert_string_equal(w->end.reason, "delivered files exceed 5 bytes");
}

static void
a_large_file_is_hashed_in_slices(void **state)
{
	struct world *w = *state;
	char *path = str_printf("%s/big", w->delivery);
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	assert_int_equal(ftruncate(fd, 8 << 20), 0);
	(void)close(fd);
	free(path);
	assert_true(collect(w, 1 << 20) >= 8);
	assert_int_equal(w->end.n_files, 1);
	assert_int_equal(w->end.files[0].size_bytes, 8 << 20);
	/* sha256 of 8 MiB of zeros */
	assert_string_equal(w->end.files[0].sha256,
			    "2daeb1f36095b44b318410b3f4e8b5d989dcc7bb023d1426c492dab0a3053e74");
}

static void
an_unreadable_directory_and_file_are_read_all_the_same(void **state)
{
	struct world *w = *state;
	char *path = str_printf("%s/secret", w->delivery);

	put(w, "secret", "abc");
	assert_int_equal(chmod(path, 0), 0);
	assert_int_equal(chmod(w->delivery, 0), 0);
	(void)collect(w, 1 << 20);
	assert_int_equal(w->end.n_files, 1);
	assert_string_equal(w->end.files[0].sha256, SHA_OF_ABC);
	free(path);
}

static void
an_interrupted_collection_is_begun_anew(void **state)
{
	struct world *w = *state;
	struct collector *c = collector_new(&w->spec);
	char *dir = str_printf("%s/a_def/7", w->store), *path;
	struct err err = ERR_INIT;
	struct stat st;

	put(w, "a", "abc");
	put(w, "b", "abc");
	/* A runner that died after the first file: */
	while ((path = first_file(dir)) == NULL)
		assert_int_equal(collector_step(c, 1, &w->end, &err), 0);
	collector_free(c);
	assert_int_equal(w->end.n_files, 0);
	/* The next one finds both files, and nothing of the first try stays. */
	(void)collect(w, 1 << 20);
	assert_int_equal(w->end.n_files, 2);
	assert_int_equal(w->end.n_messages, 0);
	assert_int_equal(stat(path, &st), -1);
	free(path);
	path = str_printf("%s/%s", w->store, w->end.files[0].path);
	assert_int_equal(stat(path, &st), 0);
	free(path);
	free(dir);
}

static void
what_an_earlier_attempt_delivered_stays(void **state)
{
	struct world *w = *state;
	struct stat st;
	char *first, *path;

	put(w, "a", "abc");
	(void)collect(w, 1 << 20);
	first = str_printf("%s/%s", w->store, w->end.files[0].path);
	assert_true(str_starts(w->end.files[0].path, "a_def/7/"));
	job_end_strip(&w->end);
	path =
	    str_printf("%s/a", w->delivery); /* of the attempt; the next one gets a new directory */
	assert_int_equal(unlink(path), 0);
	free(path);
	w->spec.attempt = 12;
	put(w, "a", "def");
	(void)collect(w, 1 << 20);
	assert_int_equal(w->end.n_files, 1);
	assert_true(str_starts(w->end.files[0].path, "a_def/7.12/"));
	assert_int_equal(stat(first, &st), 0);
	free(first);
}

static void
a_job_without_directory_delivers_nothing(void **state)
{
	struct world *w = *state;

	assert_int_equal(rmdir(w->delivery), 0);
	(void)collect(w, 1 << 20);
	assert_int_equal(w->end.n_files, 0);
	assert_int_equal(w->end.n_messages, 0);
	assert_int_equal(w->end.state, JOB_END_ENDED);
	/* A link in its place is not followed. */
	assert_int_equal(symlink(w->base, w->delivery), 0);
	put(w, "../file", "abc");
	(void)collect(w, 1 << 20);
	assert_int_equal(w->end.n_files, 0);
	assert_int_equal(w->end.state, JOB_END_CRASHED);
}

#define WORLD_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

/* A store that may not be written, or is full, or away: the files wait where the job made them. */
static void
what_the_node_lacks_costs_no_file_before_it_gives_up(void **state)
{
	struct world *w = *state;
	struct err err = ERR_INIT;

	put(w, "a", "abc");
	assert_int_equal(chmod(w->store, 0500), 0);
	assert_int_equal(try_collect(w, 1 << 20, &err), -1);
	assert_int_equal(err.kind, ERR_BUSY);
	assert_non_null(strstr(err.text, "Permission denied"));
	assert_int_equal(w->end.state, JOB_END_ENDED);
	assert_int_equal(w->end.n_messages + w->end.n_files, 0);
	w->spec.gives_up = true;
	(void)collect(w, 1 << 20);
	assert_int_equal(w->end.state, JOB_END_CRASHED);
	assert_int_equal(w->end.n_messages, 1);
	job_end_strip(&w->end);
	assert_int_equal(chmod(w->store, 0700), 0);
	w->spec.gives_up = false;
	(void)collect(w, 1 << 20);
	assert_int_equal(w->end.n_files, 1);
}

/* As of file systems that are not mounted: nothing is made in their places, and no file overlooked. */
static void
a_store_or_a_temporary_directory_that_is_away_is_waited_for(void **state)
{
	struct world *w = *state;
	char *away = str_printf("%s/away", w->base);
	char *lost = str_printf("%s/lost/7_delivery", w->base);
	struct err err = ERR_INIT;

	put(w, "a", "abc");
	assert_int_equal(rename(w->store, away), 0);
	assert_int_equal(try_collect(w, 1 << 20, &err), -1);
	assert_int_equal(access(w->store, F_OK), -1);
	assert_int_equal(rename(away, w->store), 0);
	w->spec.delivery_dir = lost;
	assert_int_equal(try_collect(w, 1 << 20, &err), -1);
	w->spec.delivery_dir = w->delivery;
	(void)collect(w, 1 << 20);
	assert_int_equal(w->end.n_files, 1);
	free(lost);
	free(away);
}

/* It would fill the disk of others, and fail all the same.  In memory there are files of any size. */
static void
a_copy_for_which_there_is_no_room_is_not_begun(void **state)
{
	struct world *w = *state;
	char store[] = "/dev/shm/jqm-test-collect-XXXXXX";
	char *file = str_printf("%s/large", w->delivery);
	struct stat here, there;
	struct err err = ERR_INIT;

	put(w, "large", "");
	assert_int_equal(truncate(file, (off_t)1 << 43), 0);
	assert_non_null(mkdtemp(store));
	assert_int_equal(stat(w->delivery, &here), 0);
	assert_int_equal(stat(store, &there), 0);
	assert_int_not_equal(here.st_dev, there.st_dev);
	w->spec.store = store;
	assert_int_equal(try_collect(w, 1 << 20, &err), -1);
	assert_non_null(strstr(err.text, "no room"));
	free(file);
	file = str_printf("%s/a_def", store);
	assert_int_equal(rmdir(file), 0); /* nothing is left in it */
	assert_int_equal(rmdir(store), 0);
	free(file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(a_file_is_stored_under_a_name_of_ours),
		WORLD_TEST(only_plain_files_are_taken_and_the_rest_is_named),
		WORLD_TEST(strange_names_are_kept_as_valid_text),
		WORLD_TEST(too_many_files_crash_the_job_and_the_first_ones_are_kept),
		WORLD_TEST(too_many_bytes_crash_the_job),
		WORLD_TEST(a_large_file_is_hashed_in_slices),
		WORLD_TEST(an_unreadable_directory_and_file_are_read_all_the_same),
		WORLD_TEST(an_interrupted_collection_is_begun_anew),
		WORLD_TEST(what_the_node_lacks_costs_no_file_before_it_gives_up),
		WORLD_TEST(a_store_or_a_temporary_directory_that_is_away_is_waited_for),
		WORLD_TEST(a_copy_for_which_there_is_no_room_is_not_begun),
		WORLD_TEST(what_an_earlier_attempt_delivered_stays),
		WORLD_TEST(a_job_without_directory_delivers_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
