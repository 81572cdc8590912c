/* SPDX-License-Identifier: Apache-2.0 */
/* A node that runs only what is signed, and somebody who can write any row of its database. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "crypto/pki.h"
#include "crypto/signature.h"
#include "model/signed_definition.h"
#include "tests/lib/runner_home.h"
#include "tests/lib/test_db.h"

static struct pki_key *
new_key(void)
{
	struct err err = ERR_INIT;
	struct pki_key *key = pki_key_new(PKI_ED25519, &err);

	assert_non_null(key);
	return key;
}

/* The home's node trusts key from now on. */
static void
trust(const struct home *h, const struct pki_key *key)
{
	char *dir = str_printf("%s/trusted", h->path);
	char *file = str_printf("%s/ours.pub", dir);
	char *lines = str_printf("require_signature = yes\ntrusted_keys = %s\n", dir);
	struct buf pem = BUF_INIT(4000);
	struct err err = ERR_INIT;

	assert_int_equal(mkdir(dir, 0755), 0);
	assert_int_equal(signature_public_pem(key, &pem, &err), 0);
	assert_int_equal(fd_write_file(file, 0644, pem.data, pem.len, &err), 0);
	home_configure(h, lines);
	buf_free(&pem);
	free(dir);
	free(file);
	free(lines);
}

static void
sign(const struct pki_key *key, const char *name, const char *path)
{
	const struct signed_definition def = { .name = name,
					       .path = path,
					       .path_type = "DEFAULTSHELLCOMMAND",
					       .limits = { -1, -1, -1, -1, -1, -1, -1, -1, -1 } };
	struct buf bytes = BUF_INIT(4000);
	char signature[SIGNATURE_SIZE];
	struct err err = ERR_INIT;

	signed_definition_bytes(&def, &bytes);
	assert_int_equal(signature_make(key, bytes.data, bytes.len, signature, &err), 0);
	test_db_sql("update jqm.job_def set signature = '%s' where name = '%s'", signature, name);
	buf_free(&bytes);
}

static void
what_is_signed_runs_and_what_is_not_crashes_with_the_reason(void **state)
{
	struct home *h = *state;
	struct pki_key *ours = new_key(), *other = new_key();
	int64_t good, unsigned_, untrusted;
	char *log, *said;

	home_define("good", "DEFAULTSHELLCOMMAND", "echo $1");
	home_define("unsigned", "DEFAULTSHELLCOMMAND", "touch ran");
	home_define("untrusted", "DEFAULTSHELLCOMMAND", "touch ran");
	sign(ours, "good", "echo $1");
	sign(other, "untrusted", "touch ran");
	trust(h, ours);
	home_start(h);
	good = home_enqueue("good", "{\"p\": \"of the request\"}");
	unsigned_ = home_enqueue("unsigned", "{}");
	untrusted = home_enqueue("untrusted", "{}");
	home_wait_state(good, "ENDED");
	home_wait_state(unsigned_, "CRASHED");
	home_wait_state(untrusted, "CRASHED");
	home_assert_history(
	    unsigned_, "reason",
	    "definition \"unsigned\" is not signed, and this node runs only what is");
	home_assert_history(untrusted, "reason ~ 'signed by key [0-9a-f]{16}, which this node'",
			    "t");
	home_assert_history(untrusted, "exit_code is null and signal is null", "t");
	log = home_log(h);
	assert_non_null(strstr(log, "error jqm-runner definition_refused job="));
	free(log);
	said = home_output(h, good, "stdout");
	assert_string_equal(said, "of the request\n");
	free(said);
	said = home_output(h, unsigned_, "stderr");
	assert_non_null(strstr(said, "is not signed"));
	free(said);
	pki_key_free(ours);
	pki_key_free(other);
}

static void
a_row_changed_behind_the_rules_is_not_run_whatever_was_changed(void **state)
{
	static const char *const changes[] = {
		"path = 'touch /tmp/jqm-must-not-be'",
		"path_type = 'DIRECTEXECUTABLE'",
		"working_directory = '/'",
		"run_max_s = 5",
		"grace_ms = 5",
		"log_max_bytes = 65536",
		"files_max_bytes = 5",
		"files_max_count = 5",
		"memory_max_bytes = 104857600",
		"cpu_max_s = 5",
		"processes_max = 5",
		"umask = 0",
		"run_as = 'nobody'",
		"signature = replace(signature, ':', ';')",
	};
	enum { N = sizeof(changes) / sizeof(changes[0]) };
	struct home *h = *state;
	struct pki_key *ours = new_key();
	int64_t jobs[N], copied, good;

	trust(h, ours);
	home_define("other", "DEFAULTSHELLCOMMAND", "true");
	/* As the owner of the table can. */
	test_db_sql("alter table jqm.job_def disable trigger job_def_unsign");
	test_db_sql("alter table jqm.job_def disable trigger job_def_check");
	for (int i = 0; i < N; i++) {
		char name[20];

		(void)snprintf(name, sizeof(name), "changed%d", i);
		home_define(name, "DEFAULTSHELLCOMMAND", "true");
		sign(ours, name, "true");
		test_db_sql("update jqm.job_def set %s where name = '%s'", changes[i], name);
		jobs[i] = home_enqueue(name, "{}");
	}
	test_db_sql("update jqm.job_def set signature = (select signature from jqm.job_def"
		    " where name = 'changed0') where name = 'other'");
	test_db_sql("alter table jqm.job_def enable trigger user");
	home_define("good", "DEFAULTSHELLCOMMAND", "true");
	sign(ours, "good", "true");
	home_start(h);
	copied = home_enqueue("other", "{}");
	good = home_enqueue("good", "{}");
	home_wait_state(good, "ENDED");
	for (int i = 0; i < N; i++) {
		home_wait_state(jobs[i], "CRASHED");
		home_assert_history(jobs[i],
				    i == N - 1 ? "reason ~ 'the signature of definition .* is none'"
					       : "reason ~ 'is not what key .* signed'",
				    "t");
	}
	home_wait_state(copied, "CRASHED");
	home_assert_history(copied, "reason ~ 'is not what key .* signed'", "t");
	pki_key_free(ours);
}

static void
what_is_changed_by_the_rules_has_no_signature_any_more(void **state)
{
	struct pki_key *ours = new_key();

	(void)state;
	home_define("d", "DEFAULTSHELLCOMMAND", "true");
	sign(ours, "d", "true");
	test_db_sql(
	    "update jqm.job_def set description = 'x', priority = 3, parameters = '{\"a\": \"b\"}'"
	    " where name = 'd'");
	home_wait("t", "select signature is not null from jqm.job_def where name = 'd'");
	test_db_sql("update jqm.job_def set path = 'false' where name = 'd'");
	home_wait("t", "select signature is null from jqm.job_def where name = 'd'");
	pki_key_free(ours);
}

/* The runner that is told to require signatures does not start, and says why. */
static void
assert_refused(struct home *h, const char *lines, const char *why)
{
	char *said;
	int code;

	home_configure(h, lines);
	said = home_check(h, &code);
	assert_int_equal(code, 1);
	if (strstr(said, why) == NULL)
		fail_msg("\"%s\" is not in: %s", why, said);
	free(said);
}

static void
keys_that_others_could_have_put_there_keep_the_runner_from_starting(void **state)
{
	struct home *h = *state;
	struct pki_key *ours = new_key();
	char *dir = str_printf("%s/trusted", h->path);
	char *file = str_printf("%s/trusted/ours.pub", h->path);
	char *lines = str_printf("require_signature = yes\ntrusted_keys = %s\n", dir);
	char *said;
	int code;

	assert_refused(h, "require_signature = yes\n", "runner:trusted_keys is not given");
	assert_refused(h, lines, "could not open");
	assert_int_equal(mkdir(dir, 0755), 0);
	assert_refused(h, lines, "there is no key");
	assert_int_equal(rmdir(dir), 0);
	trust(h, ours);
	said = home_check(h, &code);
	assert_non_null(strstr(said, "ok: only definitions signed by 1 trusted keys run here"));
	assert_non_null(strstr(said, "note: runner:trusted_keys belongs to this account"));
	free(said);
	assert_int_equal(chmod(file, 0666), 0);
	assert_refused(h, lines, "can be written by others");
	assert_int_equal(chmod(file, 0644), 0);
	assert_int_equal(chmod(dir, 0777), 0);
	assert_refused(h, lines, "can be written by others");
	assert_int_equal(chmod(dir, 0755), 0);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(symlink("/dev/null", file), 0);
	assert_refused(h, lines, "could not open");
	free(dir);
	free(file);
	free(lines);
	pki_key_free(ours);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HOME_TEST(what_is_signed_runs_and_what_is_not_crashes_with_the_reason),
		HOME_TEST(a_row_changed_behind_the_rules_is_not_run_whatever_was_changed),
		HOME_TEST(what_is_changed_by_the_rules_has_no_signature_any_more),
		HOME_TEST(keys_that_others_could_have_put_there_keep_the_runner_from_starting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
