/* SPDX-License-Identifier: Apache-2.0 */
/* As whom a job may run: the list, the accounts, and that nothing runs as somebody else.  tests/root has the rest. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "keeper/accounts.h"
#include "tests/lib/keeper_client.h"
#include "wire/keeper_wire.h"

/* Two files of accounts, in the form of the system's. */
struct files {
	char passwd[64], group[64];
};

static void
write_file(char *path, const char *text)
{
	FILE *file;
	int fd;

	(void)strcpy(path, "/tmp/jqm-accounts-XXXXXX");
	fd = mkstemp(path);
	assert_int_not_equal(fd, -1);
	file = fdopen(fd, "w");
	assert_non_null(file);
	assert_int_not_equal(fputs(text, file), EOF);
	assert_int_equal(fclose(file), 0);
}

static void
files_write(struct files *files)
{
	char passwd[1000], group[1000];

	(void)snprintf(passwd, sizeof(passwd),
		       "root:x:0:0::/root:/bin/sh\nbatch:x:4001:4001::/home/batch:/bin/sh\n"
		       "toor:x:0:4002::/:/bin/sh\nalias:x:%u:4003::/:/bin/sh\n"
		       "ours:x:4004:%u::/:/bin/sh\nwheel:x:4005:4005::/:/bin/sh\n"
		       "member:x:4006:4006::/:/bin/sh\nbatch:x:0:0::/:/bin/sh\n",
		       (unsigned)geteuid(), (unsigned)getegid());
	(void)snprintf(group, sizeof(group),
		       "root:x:0:wheel\nbatch:x:4001:\nreports:x:4100:other,batch\n"
		       "again:x:4100:batch\njqm:x:%u:member\nprefix:x:4200:batchman\n",
		       (unsigned)getegid());
	write_file(files->passwd, passwd);
	write_file(files->group, group);
}

static struct accounts
some_accounts(const struct files *files)
{
	static const char *const names[] = { "batch", "toor",   "alias", "ours",
					     "wheel", "member", "gone" };
	struct accounts accounts = ACCOUNTS_INIT;

	accounts.listed = accounts.privileged = true;
	accounts.passwd = files->passwd;
	accounts.group = files->group;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)strcpy(accounts.names[accounts.count++], names[i]);
	return accounts;
}

static void
files_remove(const struct files *files)
{
	(void)unlink(files->passwd);
	(void)unlink(files->group);
}

static void
an_account_has_its_ids_home_and_groups(void **state)
{
	struct files files;
	struct local_account account;
	(void)state;

	files_write(&files);
	assert_int_equal(local_account_find(files.passwd, files.group, "batch", &account), 0);
	assert_int_equal(account.uid, 4001);
	assert_int_equal(account.gid, 4001);
	assert_string_equal(account.home, "/home/batch");
	assert_int_equal(account.n_groups, 2);
	assert_int_equal(account.groups[0], 4001);
	assert_int_equal(account.groups[1], 4100);
	assert_int_equal(local_account_find(files.passwd, files.group, "bat", &account), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(local_account_find("/nonexistent", files.group, "batch", &account), -1);
	assert_int_equal(local_account_find(files.passwd, "/nonexistent", "batch", &account), -1);
	files_remove(&files);
}

static void
a_name_is_one_or_it_is_not(void **state)
{
	static const char *const good[] = { "a", "_www", "A.b-c_9",
					    "abcdefghijklmnopqrstuvwxyz012345" };
	static const char *const bad[] = {
		"",    "-a",  "9a",  ".a",       "a b",
		"a\n", "a/b", "a:b", "\xc3\xa9", "abcdefghijklmnopqrstuvwxyz0123456"
	};
	(void)state;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(local_account_is_name(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(local_account_is_name(bad[i]));
}

static void
never_root_nor_ourselves_by_whatever_name(void **state)
{
	static const struct {
		const char *name, *reason;
	} cases[] = {
		{ "toor", "it is root" },
		{ "alias", "it is the account of JQM itself" },
		{ "ours", "it is in a group of root or JQM" },
		{ "wheel", "it is in a group of root or JQM" },
		{ "member", "it is in a group of root or JQM" },
		{ "gone", "there is no such account" },
		{ "root", "it is not in the node's list" },
		{ "unlisted", "it is not in the node's list" },
		{ "batch ", "it is not in the node's list" },
	};
	struct keeper_not_started why = { .error = 0 };
	struct local_account account;
	struct accounts accounts;
	struct files files;
	(void)state;

	files_write(&files);
	accounts = some_accounts(&files);
	assert_int_equal(accounts_allow(&accounts, "batch", &account, &why), 0);
	assert_int_equal(account.uid, 4001);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("%s\n", cases[i].name);
		assert_int_equal(accounts_allow(&accounts, cases[i].name, &account, &why), -1);
		assert_int_equal(why.error, EPERM);
		assert_true(strncmp(why.step, KEEPER_STEP_ACCOUNT, strlen(KEEPER_STEP_ACCOUNT)) ==
			    0);
		assert_string_equal(why.step + strlen(KEEPER_STEP_ACCOUNT), cases[i].reason);
	}
	accounts.privileged = false;
	assert_int_equal(accounts_allow(&accounts, "batch", &account, &why), -1);
	assert_non_null(strstr(why.step, "was started without the right to"));
	accounts.listed = false;
	assert_int_equal(accounts_allow(&accounts, "batch", &account, &why), -1);
	assert_non_null(strstr(why.step, "has no list"));
	files_remove(&files);
}

static void
the_list_is_root_s_or_it_is_none(void **state)
{
	struct accounts accounts = ACCOUNTS_INIT;
	struct err err = ERR_INIT;
	char path[64];
	(void)state;

	assert_int_equal(accounts_read(&accounts, "/nonexistent", &err), 0);
	assert_int_equal(accounts.count, 0);
	write_file(path, "batch\n");
	assert_int_equal(accounts_read(&accounts, path, &err), -1);
	assert_int_equal(err.kind, ERR_DENIED);
	assert_non_null(strstr(err.text, "must belong to root"));
	(void)unlink(path);
	err_clear(&err);
	assert_int_equal(accounts_read(&accounts, "/etc", &err), -1);
	assert_int_equal(err.kind, ERR_INVALID);
	err_clear(&err);
	/* Any file of root's that holds something else. */
	assert_int_equal(accounts_read(&accounts, "/etc/shells", &err), -1);
	assert_int_equal(err.kind, ERR_INVALID);
	assert_non_null(strstr(err.text, "not the name of an account"));
	assert_int_equal(accounts.count, 0);
}

/* What a keeper without privileges says to an order to run as name. */
static void
assert_refused(const char *const *args, const char *name, const char *says)
{
	struct kc *kc = kc_new(args);
	struct keeper_msg order = kc_order(kc, 1, "echo it ran");
	const struct keeper_not_started *why;
	char out[128];

	order.u.start.run_as = name;
	kc_send(kc, &order);
	why = &kc_wait(kc, KEEPER_NOT_STARTED, 1)->u.not_started;
	assert_non_null(strstr(why->step, says));
	(void)snprintf(out, sizeof(out), "%s/1.out", kc->dir);
	assert_int_equal(access(out, F_OK), -1);
	kc_start(kc, 2, "exit 3"); /* all else goes on */
	assert_int_equal(kc_ended(kc, 2)->exit_code, 3);
	kc_free(kc);
}

static void
a_keeper_without_list_or_right_runs_nothing_as_somebody_else(void **state)
{
	static const char *const empty[] = { "--accounts", "/nonexistent", "--work-dir", "/tmp",
					     NULL };
	(void)state;

	assert_refused(NULL, "nobody", "this node has no list of accounts");
	assert_refused(empty, "nobody", "it is not in the node's list");
	assert_refused(empty, "root", "it is not in the node's list");
	assert_refused(empty, "no body", "it is not in the node's list");
}

static void
a_keeper_does_not_start_with_a_list_others_can_write(void **state)
{
	char path[64], out[1000];
	const char *args[] = {
		"--check", "--table", "/tmp/jqm-no-table", "--accounts", path, NULL
	};
	(void)state;

	write_file(path, "batch\n");
	assert_int_equal(kc_run_keeper(args, out, sizeof(out)), 1);
	assert_non_null(strstr(out, "must belong to root"));
	(void)unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_account_has_its_ids_home_and_groups),
		cmocka_unit_test(a_name_is_one_or_it_is_not),
		cmocka_unit_test(never_root_nor_ourselves_by_whatever_name),
		cmocka_unit_test(the_list_is_root_s_or_it_is_none),
		cmocka_unit_test(a_keeper_without_list_or_right_runs_nothing_as_somebody_else),
		cmocka_unit_test(a_keeper_does_not_start_with_a_list_others_can_write),
	};

	kc_leave_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
