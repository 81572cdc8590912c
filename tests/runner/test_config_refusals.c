/* SPDX-License-Identifier: Apache-2.0 */
/* What jqm-runner does not start with, its --check calls wrong, in the same words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/str.h"
#include "tests/lib/runner_home.h"
#include "tests/lib/test_db.h"

/* The configuration, of which one line is that instead; with section: it is new and stands there. */
static void
configure_with(const struct home *h, const char *section, const char *line)
{
	char *path = str_printf("%s/jqm.ini", h->path);
	char key[40];
	char *text, *before, *at;

	home_configure(h, "");
	before = home_read(path);
	(void)snprintf(key, sizeof(key), "\n%.*s = ", (int)strcspn(line, " "), line);
	at = strstr(before, key);
	if (section != NULL) {
		text = str_printf("%s[%s]\n%s\n", before, section, line);
	} else if (at != NULL) {
		text = str_printf("%.*s\n%s%s", (int)(at - before), before, line,
				  strchr(at + 1, '\n'));
	} else { /* one of the runner's that is not there yet */
		at = strstr(before, "[runner]\n") + strlen("[runner]");
		text = str_printf("%.*s\n%s%s", (int)(at - before), before, line, at);
	}
	home_write_config(h, text);
	free(before);
	free(text);
	free(path);
}

/* The start says the same, to whoever started it, and ends. */
static void
assert_start_refuses(struct home *h, const char *says)
{
	char *log;

	home_run(h, "rm -f log/*");
	home_start(h);
	assert_int_equal(WEXITSTATUS(home_wait_runner(h)), 1);
	log = home_log(h);
	if (strstr(log, says) == NULL)
		fail_msg("no \"%s\" in:\n%s", says, log);
	free(log);
}

#define TEN "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

struct wrong_setting {
	const char *section, *line; /* of configure_with(); @ is the home */
	const char *breaks, *says;
};

static const struct wrong_setting wrong_settings[] = {
	{ NULL, "name = \"" HUNDRED HUNDRED TEN TEN TEN TEN TEN "123456\"", "true",
	  "setting node:name has more than 255 characters" },
	{ NULL, "name = \"a\tb\"", "true", "setting node:name has a control character" },
	{ NULL, "name = \"n \"", "true", "setting node:name begins or ends with a blank" },
	{ NULL, "name = \" n\"", "true", "setting node:name begins or ends with a blank" },
	{ NULL, "api_url = \"http://h:99999\"", "true",
	  "setting runner:api_url \"http://h:99999\": its port is no number from 1 to 65535" },
	{ NULL, "api_url = \"http://h:/\"", "true", "its port is no number" },
	{ NULL, "api_url = \"http://" HUNDRED HUNDRED HUNDRED ":80\"", "true",
	  "its host has more than 255 characters" },
	{ NULL, "api_url = \"ftp:nothing\"", "true",
	  "setting runner:api_url \"ftp:nothing\": it does not begin with http:// or https://" },
	{ NULL, "api_url = \"http://:80\"", "true", "it names no host" },
	{ NULL, "api_url = \"http://a b/\"", "true",
	  "\"a b\" is neither the name of a host nor an address" },
	{ NULL, "api_url = \"http://[::1/\"", "true",
	  "is neither the name of a host nor an address" },
	{ "audit", "key_file = \"@/none\"", "true", "setting audit:key_file: could not open" },
	{ "audit", "key_file = \"@/short\"", "umask 77 && echo " TEN TEN TEN "1 >short",
	  "setting audit:key_file: the key of the audit trail in" },
	{ "audit", "seal_s = 60", "umask 77 && mkdir -p state && echo short >state/audit.key",
	  "setting runner:state_dir: the key of the audit trail in" },
	{ NULL, "log_file = \"@/run\"", "true", "setting runner:log_file: \"" },
	{ NULL, "log_file = \"@/fifo\"", "mkfifo fifo", "/fifo\" is no regular file" },
	{ NULL, "log_file = \"@/mine\"", "touch mine && chmod 0 mine",
	  "setting runner:log_file: could not open \"" },
	{ "audit", "seal_s = 60", "mkdir -p state/lock", "setting runner:state_dir: its lock \"" },
};

/* line with the home for @. */
static char *
in_home(const struct home *h, const char *line)
{
	const char *at = strchr(line, '@');

	return at == NULL ? str_dup(line)
			  : str_printf("%.*s%s%s", (int)(at - line), line, h->path, at + 1);
}

/* Runs as jqm_runner would be started: what its check calls wrong it refuses, in the same words. */
static void
what_the_start_refuses_the_check_tells(void **state)
{
	struct home *h = *state;

	for (size_t i = 0; i < sizeof(wrong_settings) / sizeof(wrong_settings[0]); i++) {
		const struct wrong_setting *wrong = &wrong_settings[i];
		char *line = in_home(h, wrong->line);

		print_message("case: %.60s (%s)\n", line, wrong->says);
		home_run(h, "%s", wrong->breaks);
		configure_with(h, wrong->section, line);
		home_assert_check(h, 1, wrong->says);
		assert_start_refuses(h, wrong->says);
		home_run(h, "rm -rf state fifo short mine");
		free(line);
	}
	home_configure(h, "");
	home_assert_check(h, 0, "nothing is wrong\n");
}

static void
addresses_of_all_forms_are_good(void **state)
{
	static const char *const good[] = {
		"http://127.0.0.1:1789", "https://jqm.example.org/",        "http://[::1]:8080/x",
		"http://a_host",         "https://h:65535/a:b/c?d=http://", "http://xn--bcher-kva.",
	};
	const struct home *h = *state;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		char *line = str_printf("api_url = \"%s\"", good[i]);

		print_message("case: %s\n", good[i]);
		configure_with(h, NULL, line);
		home_assert_check(h, 0, "nothing is wrong\n");
		free(line);
	}
}

/* The jobs that need none go on; so the start says it and starts. */
static void
keys_of_secrets_that_are_none_are_wrong(void **state)
{
	struct home *h = *state;
	char *line = in_home(h, "key_file = \"@/keys\"");

	configure_with(h, "secrets", line);
	home_assert_check(h, 1, "wrong: setting secrets:key_file: could not open key file");
	home_run(h, "umask 77 && echo garbage >keys");
	home_assert_check(h, 1, "wrong: setting secrets:key_file: key file \"");
	home_start(h);
	home_wait_log(h, "secrets_unusable");
	home_wait_log(h, "node_registered");
	home_run(h, "chmod 640 keys");
	home_assert_check(h, 1, "can be read by others: chmod 600");
	free(line);
}

static void
wrong_settings_are_all_told_in_one_run(void **state)
{
	const struct home *h = *state;
	int code;
	char *text, *more;

	home_run(h,
		 "umask 77 && mkdir -p state/lock && echo short >state/audit.key && echo x >keys");
	more = str_printf("[database]\nconninfo = \"%s\"\n[node]\nname = \" n\"\n[runner]\n"
			  "state_dir = \"%s/state\"\njob_repository = \"%s/jobs\"\n"
			  "delivery_store = \"%s/same\"\ntemp_dir = \"%s/same\"\n"
			  "log_dir = \"%s/log\"\njoblog_dir = \"%s/same\"\n"
			  "log_file = \"%s/run\"\napi_url = \"x\"\n"
			  "trusted_keys = \"/no/such\"\nrequire_signature = yes\n"
			  "[secrets]\nkey_file = \"%s/keys\"\n",
			  test_db_conninfo_as("jqm_runner"), h->path, h->path, h->path, h->path,
			  h->path, h->path, h->path, h->path);
	home_write_config(h, more);
	text = home_check(h, &code);
	assert_int_equal(code, 1);
	assert_non_null(strstr(text, "wrong: setting node:name"));
	assert_non_null(strstr(text, "wrong: setting runner:api_url"));
	assert_non_null(strstr(text, "wrong: setting runner:log_file"));
	assert_non_null(strstr(text, "wrong: setting runner:state_dir: its lock"));
	assert_non_null(strstr(text, "wrong: setting runner:state_dir: the key"));
	assert_non_null(strstr(text, "wrong: setting secrets:key_file"));
	assert_non_null(strstr(text, "/same\" is runner:temp_dir \""));
	assert_non_null(strstr(text, "/same\" is runner:joblog_dir \""));
	assert_non_null(strstr(text, "ok: database"));
	assert_non_null(strstr(text, "/no/such"));
	free(text);
	free(more);
}

static void
directories_the_runner_clears_lie_apart_from_all_others(void **state)
{
	static const struct {
		const char *line, *makes, *says;
	} cases[] = {
		{ "joblog_dir = \"@/tmp\"", "true",
		  "runner:joblog_dir \"@/tmp\" is runner:temp_dir" },
		{ "joblog_dir = \"@/./tmp//\"", "true", " is runner:temp_dir \"" },
		{ "joblog_dir = \"@/tmp/\"", "mkdir tmp", " is runner:temp_dir \"" },
		{ "joblog_dir = \"@/link\"", "mkdir tmp && ln -s tmp link",
		  " is runner:temp_dir \"" },
		{ "joblog_dir = \"@/link/logs\"", "mkdir tmp && ln -s tmp link",
		  "runner:joblog_dir \"@/link/logs\" lies in runner:temp_dir \"" },
		{ "temp_dir = \"@/store\"", "true", " is runner:temp_dir \"" },
		{ "temp_dir = \"@/joblogs/x/y\"", "true", " lies in runner:joblog_dir \"" },
		{ "temp_dir = \"@/joblogs/x/y\"", "mkdir -p joblogs/x/y",
		  " lies in runner:joblog_dir \"" },
		{ "delivery_store = \"@/joblogs\"", "mkdir joblogs",
		  "runner:delivery_store \"@/joblogs\" is runner:joblog_dir" },
		{ "state_dir = \"@/tmp\"", "true",
		  "runner:state_dir \"@/tmp\" is runner:temp_dir" },
		{ "state_dir = \"@/store/1\"", "true", " lies in runner:delivery_store \"" },
		{ "log_dir = \"@/joblogs\"", "true",
		  "runner:log_dir \"@/joblogs\" is runner:joblog_dir" },
		{ "job_repository = \"@/tmp/7\"", "mkdir -p tmp/7",
		  "runner:job_repository \"@/tmp/7\" lies in runner:temp_dir" },
	};
	struct home *h = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *line = in_home(h, cases[i].line), *says = in_home(h, cases[i].says);

		print_message("case: %s, %s\n", cases[i].line, cases[i].makes);
		home_run(h, "%s", cases[i].makes);
		configure_with(h, NULL, line);
		home_assert_check(h, 1, says);
		home_assert_check(h, 1, "\n1 wrong\n");
		assert_start_refuses(h, says);
		home_run(h, "rm -rf tmp link store joblogs state");
		free(line);
		free(says);
	}
}

/* Names that begin alike are no directories in one another; those that are cleared may lie in one that is not. */
static void
directories_that_may_lie_so_are_good(void **state)
{
	static const char *const good[] = {
		"joblog_dir = \"@/tmp-logs\"", "temp_dir = \"@/state/tmp\"",
		"joblog_dir = \"@/log/jobs\"", "log_dir = \"@/state\"",
		"temp_dir = \"@/jobs/tmp\"",
	};
	const struct home *h = *state;

	home_run(h, "mkdir -m 700 state");
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		char *line = in_home(h, good[i]);

		print_message("case: %s\n", line);
		configure_with(h, NULL, line);
		home_assert_check(h, 0, "nothing is wrong\n");
		free(line);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HOME_TEST(what_the_start_refuses_the_check_tells),
		HOME_TEST(addresses_of_all_forms_are_good),
		HOME_TEST(keys_of_secrets_that_are_none_are_wrong),
		HOME_TEST(wrong_settings_are_all_told_in_one_run),
		HOME_TEST(directories_the_runner_clears_lie_apart_from_all_others),
		HOME_TEST(directories_that_may_lie_so_are_good),
	};

	if (geteuid() == 0) {
		print_message("1..0 # SKIP the runner refuses to run as root\n");
		return 0;
	}
	(void)test_db_create("config_refusals");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
