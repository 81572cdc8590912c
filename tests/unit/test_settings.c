/* SPDX-License-Identifier: Apache-2.0 */
/* One valid file; each case changes one line of it. */
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
#include "base/num.h"
#include "base/str.h"
#include "conf/settings.h"

#define VALID                                                  \
	"# our node\n"                                         \
	"[database]\n"                                         \
	"conninfo = \"host=/run/pg password='a;b#c 100%' \"\n" \
	"[Node]\r\n"                                           \
	"NAME = first node\r\n"                                \
	"[runner]\n"                                           \
	"  lease_ms=20000  \n"                                 \
	"job_log_max_bytes = 512k\n"                           \
	"state_dir = /var/lib/jqm\n"                           \
	"[job_environment]\n"                                  \
	"Http_Proxy = http://proxy:3128\n"                     \
	"empty =\n"

static char dir[64], path[96];

static int
make_dir(void **state)
{
	(void)state;
	(void)str_copy(dir, sizeof(dir), "/tmp/jqm-test-settings.XXXXXX");
	if (mkdtemp(dir) == NULL)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/jqm.ini", dir);
	return 0;
}

static int
remove_dir(void **state)
{
	(void)state;
	(void)unlink(path);
	return rmdir(dir);
}

static struct settings *
read_text(const char *text, struct err *err)
{
	err_clear(err);
	assert_int_equal(fd_write_file(path, 0600, text, strlen(text), err), 0);
	return settings_read(path, err);
}

static void
a_valid_file_gives_its_values_and_defaults_for_the_rest(void **state)
{
	struct err err = ERR_INIT;
	struct settings *settings = read_text(VALID, &err);
	const char *text = NULL;

	(void)state;
	if (settings == NULL)
		fail_msg("%s", err.text);
	assert_string_equal(settings_text(settings, "database:conninfo"),
			    "host=/run/pg password='a;b#c 100%' ");
	assert_string_equal(settings_text(settings, "node:name"), "first node");
	assert_int_equal(settings_int(settings, "runner:lease_ms"), 20000);
	assert_int_equal(settings_int(settings, "runner:heartbeat_ms"), 4000);
	assert_int_equal(settings_int(settings, "runner:job_log_max_bytes"), 512 * 1024);
	assert_int_equal(settings_int(settings, "runner:job_files_max_bytes"), INT64_C(10) << 30);
	assert_string_equal(settings_text(settings, "fcgi:json_dates"), "number");
	assert_null(settings_text(settings, "client:url"));
	assert_int_equal(settings_require(settings, "runner:state_dir", &text, &err), 0);
	assert_string_equal(text, "/var/lib/jqm");
	settings_free(settings);
}

static void
a_required_setting_that_is_missing_is_named_with_its_file(void **state)
{
	struct err err = ERR_INIT;
	struct settings *settings = read_text(VALID, &err);
	const char *text = NULL;

	(void)state;
	assert_non_null(settings);
	assert_int_equal(settings_require(settings, "runner:temp_dir", &text, &err), -1);
	assert_int_equal(err.kind, ERR_INVALID);
	assert_non_null(strstr(err.text, "runner:temp_dir"));
	assert_non_null(strstr(err.text, path));
	assert_null(text);
	settings_free(settings);
}

static void
the_job_environment_is_free_and_upper_case(void **state)
{
	struct err err = ERR_INIT;
	struct settings *settings = read_text(VALID, &err);
	const char *name, *value;

	(void)state;
	assert_non_null(settings);
	assert_int_equal(settings_job_environment(settings, 0, &name, &value), 0);
	assert_string_equal(name, "HTTP_PROXY");
	assert_string_equal(value, "http://proxy:3128");
	assert_int_equal(settings_job_environment(settings, 1, &name, &value), 0);
	assert_string_equal(name, "EMPTY");
	assert_string_equal(value, "");
	assert_int_equal(settings_job_environment(settings, 2, &name, &value), -1);
	settings_free(settings);
}

static void
each_wrong_line_is_refused_with_its_number_and_reason(void **state)
{
	static char long_line[1200];
	const struct {
		const char *lines, *where, *reason;
	} cases[] = {
		{ "[runner]\nleese_ms = 1\n", "line 14: setting runner:leese_ms",
		  "no such setting" },
		{ "[runer]\n", "line 13: section runer", "no such section" },
		{ "[runne]\n", "line 13: section runne", "no such section" },
		{ "[runner]\ngrace_ms = soon\n", "line 14", "\"soon\" is not a number from 0" },
		{ "[runner]\ngrace_ms = -1\n", "runner:grace_ms", "from 0 to 3600000" },
		{ "[runner]\ngrace_ms = 3600001\n", "runner:grace_ms", "from 0 to 3600000" },
		{ "[runner]\ngrace_ms = 5k\n", "runner:grace_ms", "not a number" },
		{ "[runner]\ngrace_ms = 99999999999999999999\n", "runner:grace_ms",
		  "not a number" },
		{ "[runner]\ngrace_ms =\n", "runner:grace_ms", "empty" },
		{ "[fcgi]\nbody_max_bytes = 5T\n", "fcgi:body_max_bytes", "k, M or G" },
		{ "[fcgi]\njson_dates = texts\n", "fcgi:json_dates", "one of: number text" },
		{ "[fcgi]\njson_dates = tex\n", "fcgi:json_dates", "one of: number text" },
		{ "[fcgi]\njson_dates = number text\n", "fcgi:json_dates", "one of:" },
		{ "[fcgi]\nsocket = run/x\n", "fcgi:socket", "not an absolute path" },
		{ "[client]\nurl = \"\"\n", "client:url", "empty" },
		{ "[runner]\nlease_ms = 9000\n", "line 14", "given in line 7 already" },
		{ "[runner]\nLEASE_MS = 9000\n", "line 14", "given in line 7 already" },
		{ "[runner]\nheartbeat_ms = 6667\n", "runner:heartbeat_ms (6667)",
		  "at least three times" },
		{ "[client]\nuser = a;b\n", "line 14", "double quotes" },
		{ "[client]\nuser = a # me\n", "line 14", "double quotes" },
		{ "[client]\nuser = \"a\" # me\n", "line 14", "follows the closing quote" },
		{ "[client]\nuser = \"a\n", "line 14", "closing quote is missing" },
		{ "[client]\nuser = a\\\n", "line 14", "backslash" },
		{ "[client]\nuser = a\x01\n", "line 14", "control character" },
		{ "[client]\nuser = a\xff\n", "line 14", "not UTF-8" },
		{ "[client]\nuser name = a\n", "line 14", "letters, digits and _" },
		{ "[client]\nuser:x = a\n", "line 14", "letters, digits and _" },
		{ "[client]\n= a\n", "line 14", "letters, digits and _" },
		{ "[client\n", "line 13", "needs \"]\"" },
		{ "[cli ent]\n", "line 13", "letters, digits and _" },
		{ "[\n", "line 13", "needs \"]\"" },
		{ "nonsense\n", "line 13", "neither [section]" },
		{ "[job_environment]\n1x = a\n", "line 14", "begin with a digit" },
		{ long_line, "line 13", "longer than 1000 bytes" },
	};

	(void)state;
	memset(long_line, '#', 1001);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = ERR_INIT;
		char *text = str_printf("%s%s", VALID, cases[i].lines);

		if (read_text(text, &err) != NULL)
			fail_msg("accepted: %s", cases[i].lines);
		if (strstr(err.text, cases[i].where) == NULL ||
		    strstr(err.text, cases[i].reason) == NULL || strstr(err.text, path) == NULL)
			fail_msg("%s gave: %s", cases[i].lines, err.text);
		assert_true(err.kind == ERR_INVALID || err.kind == ERR_TOO_LARGE);
		free(text);
	}
}

static void
a_key_before_any_section_is_refused(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_null(read_text("name = x\n" VALID, &err));
	assert_non_null(strstr(err.text, "line 1: a key before the first [section]"));
}

static void
more_bytes_or_keys_than_a_configuration_has_are_refused(void **state)
{
	struct buf text = BUF_INIT(1 << 20);
	struct err err = ERR_INIT;

	(void)state;
	buf_puts(&text, "[job_environment]\n");
	for (int i = 0; i < 1000; i++)
		buf_printf(&text, "v%d = x\n", i);
	assert_null(read_text(buf_text(&text), &err));
	assert_int_equal(err.kind, ERR_TOO_LARGE);
	assert_non_null(strstr(err.text, "more than 1000 keys"));
	buf_free(&text);
	for (int i = 0; i < 30000; i++)
		buf_puts(&text, "# padding\n");
	assert_null(read_text(buf_text(&text), &err));
	assert_int_equal(err.kind, ERR_TOO_LARGE);
	buf_free(&text);
}

static void
a_file_that_others_can_use_is_refused(void **state)
{
	static const mode_t modes[] = { 0640, 0604, 0620, 0602, 0610, 0601, 0644, 0777 };
	struct err err = ERR_INIT;

	(void)state;
	settings_free(read_text(VALID, &err));
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		assert_int_equal(chmod(path, modes[i]), 0);
		assert_null(settings_read(path, &err));
		assert_int_equal(err.kind, ERR_DENIED);
		assert_non_null(strstr(err.text, "chmod 600"));
		assert_non_null(strstr(err.text, path));
	}
	assert_int_equal(chmod(path, 0400), 0);
	settings_free(settings_read(path, &err));
}

static void
a_file_of_another_account_is_refused(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	settings_free(read_text(VALID, &err));
	assert_int_equal(chown(path, 12345, (gid_t)-1), 0);
	assert_null(settings_read(path, &err));
	assert_int_equal(err.kind, ERR_DENIED);
	assert_non_null(strstr(err.text, "belongs to uid 12345"));
}

static void
what_is_no_file_is_refused(void **state)
{
	struct err err = ERR_INIT;
	char fifo[128];

	(void)state;
	assert_null(settings_read("/nowhere/jqm.ini", &err));
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_null(settings_read(dir, &err));
	assert_int_equal(err.kind, ERR_INVALID);
	(void)snprintf(fifo, sizeof(fifo), "%s/fifo", dir);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_null(settings_read(fifo, &err)); /* and does not wait for a writer */
	assert_int_equal(err.kind, ERR_INVALID);
	assert_int_equal(unlink(fifo), 0);
}

static void
defaults_alone_need_no_file(void **state)
{
	struct settings *settings = settings_default();
	struct err err = ERR_INIT;
	const char *text;

	(void)state;
	assert_int_equal(settings_int(settings, "fcgi:workers"), 8);
	assert_int_equal(settings_require(settings, "node:name", &text, &err), -1);
	assert_int_equal(settings_job_environment(settings, 0, &text, &text), -1);
	settings_free(settings);
	settings_free(NULL);
}

static void
every_row_of_the_table_is_sound(void **state)
{
	(void)state;
	for (size_t i = 0; i < settings_table_len; i++) {
		const struct setting *row = &settings_table[i];
		int64_t value;

		assert_non_null(strchr(row->key, ':'));
		for (const char *c = row->key; *c != '\0'; c++)
			assert_true((*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') ||
				    *c == '_' || *c == ':');
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(row->key, settings_table[k].key);
		assert_true(strlen(row->meaning) > 10 && strlen(row->readers) > 0);
		if (row->type == SETTING_INT)
			assert_int_equal(num_int64(row->default_value, row->min, row->max, &value),
					 0);
		if (row->type == SETTING_SIZE)
			assert_int_equal(num_size(row->default_value, row->min, row->max, &value),
					 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_valid_file_gives_its_values_and_defaults_for_the_rest),
		cmocka_unit_test(a_required_setting_that_is_missing_is_named_with_its_file),
		cmocka_unit_test(the_job_environment_is_free_and_upper_case),
		cmocka_unit_test(each_wrong_line_is_refused_with_its_number_and_reason),
		cmocka_unit_test(a_key_before_any_section_is_refused),
		cmocka_unit_test(more_bytes_or_keys_than_a_configuration_has_are_refused),
		cmocka_unit_test(a_file_that_others_can_use_is_refused),
		cmocka_unit_test(what_is_no_file_is_refused),
		cmocka_unit_test(defaults_alone_need_no_file),
		cmocka_unit_test(every_row_of_the_table_is_sound),
	};

	/* Only root can give a file away; tests/root/ runs this program as root. */
	const struct CMUnitTest root_tests[] = {
		cmocka_unit_test(a_file_of_another_account_is_refused),
	};
	int failed = cmocka_run_group_tests(tests, make_dir, remove_dir);

	if (geteuid() == 0)
		failed += cmocka_run_group_tests(root_tests, make_dir, remove_dir);
	return failed;
}
