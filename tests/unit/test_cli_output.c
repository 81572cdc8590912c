/* SPDX-License-Identifier: Apache-2.0 */
/* What comes from elsewhere and is shown or stored here: escaped texts, file names, password files. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
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
#include "cli/cli.h"
#include "cli/client_conf.h"
#include "cli/file_name.h"
#include "cli/out_stream.h"
#include "cli/output.h"
#include "client/disposition.h"
#include "conf/password_file.h"

#define LEN(list) (sizeof(list) / sizeof((list)[0]))

static void
nothing_a_terminal_obeys_gets_through(void **state)
{
	static const struct {
		const char *text, *shown;
	} cases[] = {
		{ "plain \xc3\xa9 \xe2\x82\xac", "plain \xc3\xa9 \xe2\x82\xac" },
		{ "\x1b[2J\x07", "\\x1b[2J\\x07" },
		{ "a\nb\tc\r", "a\\x0ab\\x09c\\x0d" },
		{ "\xc2\x9b\x33m", "\\u{9b}3m" }, /* C1: an escape in one character */
		{ "\xe2\x80\xae"
		  "abc",
		  "\\u{202e}abc" }, /* right to left */
		{ "\xff\xc3(", "\\xff\\xc3(" },
		{ "\x7f", "\\x7f" },
		{ "", "" },
	};
	(void)state;

	for (size_t i = 0; i < LEN(cases); i++) {
		struct buf buf = BUF_INIT(1000);

		output_escape(&buf, cases[i].text, strlen(cases[i].text));
		assert_string_equal(buf_text(&buf), cases[i].shown);
		buf_free(&buf);
	}
}

static void
documents_keep_their_lines(void **state)
{
	struct buf buf = BUF_INIT(1000);

	(void)state;
	output_escape_lines(&buf, "a\n\tb\x1b", 5);
	assert_string_equal(buf_text(&buf), "a\n\tb\\x1b");
	buf_free(&buf);
}

static void
a_column_has_its_width(void **state)
{
	static const struct {
		const char *text, *shown;
	} cases[] = {
		{ "", "     " },
		{ "abc", "abc  " },
		{ "abcde", "abcde" },
		{ "abcdef", "abcd~" },
		{ "\xc3\xa9\xc3\xa9", "\xc3\xa9\xc3\xa9   " },
		{ "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9",
		  "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9~" },
		{ "\n", "\\x0a " },
	};
	(void)state;

	for (size_t i = 0; i < LEN(cases); i++) {
		char *shown = NULL;
		size_t len;
		FILE *file = open_memstream(&shown, &len);

		assert_non_null(file);
		output_column(file, cases[i].text, 5);
		assert_int_equal(fclose(file), 0);
		assert_string_equal(shown, cases[i].shown);
		free(shown);
	}
}

/* Write text in pieces of size bytes as to a terminal; what came out is in fresh memory. */
static char *
stream(const char *text, size_t size)
{
	struct err err = ERR_INIT;
	struct out_stream out;
	struct buf got = BUF_INIT(10000);
	size_t len = strlen(text);
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	out_stream_init(&out, ends[1]);
	assert_false(out.escape); /* a pipe gets the bytes as they are */
	out.escape = true;
	for (size_t at = 0; at < len; at += size)
		assert_int_equal(
		    out_stream_write(&out, text + at, len - at < size ? len - at : size, &err), 0);
	assert_int_equal(out_stream_end(&out, &err), 0);
	fd_close(&ends[1]);
	assert_int_equal(fd_read_all(ends[0], &got, &err), 0);
	fd_close(&ends[0]);
	return buf_take(&got);
}

static void
a_character_in_two_pieces_is_one_character(void **state)
{
	static const char text[] = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\n\x1b\xff\xe2\x82";
	static const char shown[] = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\n\\x1b\\xff\\xe2\\x82";
	(void)state;

	for (size_t size = 1; size < sizeof(text); size++) {
		char *got = stream(text, size);

		print_message("pieces of %zu\n", size);
		assert_string_equal(got, shown);
		free(got);
	}
}

/* As jqm get names a file. */
static char *
name_of(const char *disposition, const char *fallback)
{
	char *offered = disposition_name(disposition);
	char *name = file_name_safe(offered, fallback);

	free(offered);
	return name;
}

static void
offered_file_names_are_made_safe(void **state)
{
	static const struct {
		const char *disposition, *name;
	} cases[] = {
		{ "attachment; filename=report.csv", "report.csv" },
		{ "attachment; filename=\"a b.csv\"", "a b.csv" },
		{ "attachment; filename=\"a\\\"b\"; x=y", "a\"b" },
		{ "attachment; filename=\"x\"; filename*=UTF-8''%e2%82%ac.txt",
		  "\xe2\x82\xac.txt" },
		{ "attachment; filename*=utf-8'en'..%2f..%2fetc%2fpasswd", "passwd" },
		{ "attachment; filename=\"../../.bashrc\"", "_bashrc" },
		{ "attachment; filename=\"C:\\\\x\\\\y.txt\"", "y.txt" },
		{ "attachment; filename=\"..\"", "__" },
		{ "attachment; filename=\"a\tb\"", "a_b" },
		{ "attachment; filename*=UTF-8''a%0ab%1b", "a_b_" },
		{ "attachment; filename*=UTF-8''%ff; filename=plain", "plain" },
		{ "attachment; filename*=KOI8-R''x; filename=plain", "plain" },
		{ "attachment; filename=\"dir/\"", "fallback" },
		{ "attachment; filename=\"\"", "fallback" },
		{ "attachment; filename=\"a; filename*=UTF-8''b; filename=c\"",
		  "a; filename*=UTF-8''b; filename=c" },
		{ "attachment; filename=\"a", "a" },
		{ "attachment", "fallback" },
		{ "", "fallback" },
	};
	char *name;

	(void)state;
	for (size_t i = 0; i < LEN(cases); i++) {
		print_message("case: %s\n", cases[i].disposition);
		name = name_of(cases[i].disposition, "fallback");
		assert_string_equal(name, cases[i].name);
		free(name);
	}
	name = name_of("", "../x");
	assert_string_equal(name, "x");
	free(name);
}

static void
a_long_file_name_is_cut_between_characters(void **state)
{
	char disposition[600] = "attachment; filename=";
	char *name;

	(void)state;
	for (size_t len = strlen(disposition); len < 500; len += 2)
		memcpy(disposition + len, "\xc3\xa9", 3);
	name = name_of(disposition, "x");
	assert_int_equal(strlen(name), 254);
	assert_true(str_utf8_valid(name, strlen(name)));
	free(name);
}

struct home {
	char dir[40];
	char path[80];
};

static int
make_home(void **state)
{
	static struct home home;

	(void)str_copy(home.dir, sizeof(home.dir), "/tmp/jqm-test-cli-XXXXXX");
	if (mkdtemp(home.dir) == NULL)
		return -1;
	(void)snprintf(home.path, sizeof(home.path), "%s/password", home.dir);
	*state = &home;
	return 0;
}

static int
remove_home(void **state)
{
	struct home *home = *state;

	(void)unlink(home->path);
	return rmdir(home->dir);
}

static void
put(const struct home *home, const char *text, size_t len, mode_t mode)
{
	struct err err = ERR_INIT;

	assert_int_equal(fd_write_file(home->path, 0600, text, len, &err), 0);
	assert_int_equal(chmod(home->path, mode), 0);
}

static void
the_first_line_of_a_closed_file_is_the_password(void **state)
{
	struct home *home = *state;
	struct err err = ERR_INIT;
	char *password;

	put(home, "s3 cret\r\nmore\n", 14, 0600);
	password = password_file_read(home->path, &err);
	assert_non_null(password);
	assert_string_equal(password, "s3 cret");
	free(password);
	put(home, "x", 1, 0400);
	password = password_file_read(home->path, &err);
	assert_string_equal(password, "x");
	free(password);
}

static void
a_password_file_others_can_read_is_refused(void **state)
{
	static const mode_t modes[] = { 0644, 0640, 0604, 0660 };
	struct home *home = *state;

	for (size_t i = 0; i < LEN(modes); i++) {
		struct err err = ERR_INIT;

		put(home, "secret\n", 7, modes[i]);
		assert_null(password_file_read(home->path, &err));
		assert_int_equal(err.kind, ERR_DENIED);
		assert_non_null(strstr(err.text, "can be read by others"));
		assert_null(strstr(err.text, "secret"));
	}
}

static void
what_is_no_password_is_refused(void **state)
{
	struct home *home = *state;
	struct err err = ERR_INIT;

	put(home, "", 0, 0600);
	assert_null(password_file_read(home->path, &err));
	put(home, "\nsecret\n", 8, 0600);
	assert_null(password_file_read(home->path, &err));
	put(home, "a\0b\n", 4, 0600);
	assert_null(password_file_read(home->path, &err));
	assert_null(password_file_read(home->dir, &err));
	assert_int_equal(unlink(home->path), 0);
	assert_null(password_file_read(home->path, &err));
	assert_int_equal(err.kind, ERR_NOT_FOUND);
}

/* A password from one place never goes to a server from another. */
static void
server_and_account_come_from_the_same_place(void **state)
{
	struct home *home = *state;
	struct cli cli = { .verb = "jobs" };
	struct client_conf conf;
	struct err err = ERR_INIT;
	char ini[200];
	int len = snprintf(ini, sizeof(ini),
			   "[client]\nurl = \"http://127.0.0.1:1\"\nuser = \"root\"\n"
			   "password_file = \"%s\"\n",
			   home->path);

	put(home, ini, (size_t)len, 0600); /* its first line will do as a password */
	assert_int_equal(setenv("JQM_URL", "http://other:2", 1), 0);
	assert_int_equal(unsetenv("JQM_USER"), 0);
	assert_int_equal(setenv("JQM_CONFIG", home->path, 1), 0);
	assert_int_equal(client_conf_find(&cli, &conf, &err), 0);
	assert_string_equal(conf.url, "http://other:2");
	assert_null(conf.user);
	assert_null(conf.password);
	client_conf_free(&conf);

	assert_int_equal(setenv("JQM_USER", "me", 1), 0);
	assert_int_equal(unsetenv("JQM_PASSWORD_FILE"), 0);
	assert_int_equal(client_conf_find(&cli, &conf, &err), -1);
	assert_non_null(strstr(err.text, "JQM_PASSWORD_FILE"));

	cli.config_path = home->path; /* what is typed comes first */
	assert_int_equal(client_conf_find(&cli, &conf, &err), 0);
	assert_string_equal(conf.url, "http://127.0.0.1:1");
	assert_string_equal(conf.user, "root");
	assert_string_equal(conf.password, "[client]");
	client_conf_free(&conf);
}

static void
assert_conf(const struct cli *cli, const char *url, const char *user, const char *password)
{
	struct client_conf conf;
	struct err err = ERR_INIT;

	if (client_conf_find(cli, &conf, &err) == -1)
		fail_msg("%s", err.text);
	assert_string_equal(conf.url, url);
	if (user == NULL)
		assert_null(conf.user);
	else
		assert_string_equal(conf.user, user);
	if (password == NULL)
		assert_null(conf.password);
	else
		assert_string_equal(conf.password, password);
	client_conf_free(&conf);
}

/* The three go together; only what was said in so many words comes before them. */
static void
inside_a_job_it_is_the_job_s_server_and_token(void **state)
{
	struct home *home = *state;
	struct cli cli = { .verb = "progress" };
	char ini[200];
	int len = snprintf(ini, sizeof(ini), "[client]\nurl = \"http://127.0.0.1:1\"\n");

	put(home, ini, (size_t)len, 0600);
	assert_int_equal(unsetenv("JQM_URL"), 0);
	assert_int_equal(unsetenv("JQM_USER"), 0);
	assert_int_equal(setenv("JQM_CONFIG", home->path, 1), 0);
	assert_int_equal(setenv("JQM_API_LOCAL_URL", "http://node:1789", 1), 0);
	assert_int_equal(setenv("JQM_API_LOGIN", "job-7", 1), 0);
	assert_int_equal(setenv("JQM_API_PASSWORD", "token", 1), 0);
	assert_conf(&cli, "http://node:1789", "job-7", "token");

	assert_int_equal(setenv("JQM_URL", "http://other:2", 1), 0);
	assert_conf(&cli, "http://other:2", NULL, NULL); /* the token does not go there */
	cli.config_path = home->path;
	assert_conf(&cli, "http://127.0.0.1:1", NULL, NULL);
	cli.config_path = NULL;

	assert_int_equal(unsetenv("JQM_URL"), 0);
	assert_int_equal(setenv("JQM_API_LOCAL_URL", "", 1), 0); /* a node without an address */
	assert_conf(&cli, "http://127.0.0.1:1", NULL, NULL);
	assert_int_equal(unsetenv("JQM_API_LOCAL_URL"), 0);
	assert_int_equal(unsetenv("JQM_API_LOGIN"), 0);
	assert_int_equal(unsetenv("JQM_API_PASSWORD"), 0);
	assert_int_equal(unsetenv("JQM_CONFIG"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_a_terminal_obeys_gets_through),
		cmocka_unit_test(documents_keep_their_lines),
		cmocka_unit_test(a_column_has_its_width),
		cmocka_unit_test(a_character_in_two_pieces_is_one_character),
		cmocka_unit_test(offered_file_names_are_made_safe),
		cmocka_unit_test(a_long_file_name_is_cut_between_characters),
		cmocka_unit_test_setup_teardown(the_first_line_of_a_closed_file_is_the_password,
						make_home, remove_home),
		cmocka_unit_test_setup_teardown(a_password_file_others_can_read_is_refused,
						make_home, remove_home),
		cmocka_unit_test_setup_teardown(what_is_no_password_is_refused, make_home,
						remove_home),
		cmocka_unit_test_setup_teardown(server_and_account_come_from_the_same_place,
						make_home, remove_home),
		cmocka_unit_test_setup_teardown(inside_a_job_it_is_the_job_s_server_and_token,
						make_home, remove_home),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
