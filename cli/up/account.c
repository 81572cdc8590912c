/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/up/account.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "cli/up/child.h"

#define ACCOUNT_DEFAULT "jqm"
#define ACCOUNT_DIRECTORY "/var/lib/jqm"
#define WORDS_MAX 10000

static void
fill(struct account *out, const struct passwd *entry)
{
	out->name = str_dup(entry->pw_name);
	out->directory = str_dup(entry->pw_dir);
	out->uid = entry->pw_uid;
	out->gid = entry->pw_gid;
}

static int
create(const char *name, struct err *err)
{
	static const char *const places[] = { "/usr/sbin/useradd", "/sbin/useradd",
					      "/usr/bin/useradd" };
	char program[40] = "", system[] = "--system", group[] = "--user-group",
	     no_directory[] = "--no-create-home", directory[] = "--home-dir=" ACCOUNT_DIRECTORY,
	     shell[] = "--shell=/usr/sbin/nologin";
	char *copy = str_dup(name);
	char *argv[] = { program, system, group, no_directory, directory, shell, copy, NULL };
	struct buf words = BUF_INIT(WORDS_MAX);
	int rc = -1;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]) && program[0] == '\0'; i++)
		if (access(places[i], X_OK) == 0)
			(void)str_copy(program, sizeof(program), places[i]);
	if (program[0] == '\0')
		(void)err_set(err, ERR_NOT_FOUND,
			      "there is no account \"%s\" and no useradd to make it: install "
			      "package passwd, or name an account in JQM_ACCOUNT",
			      name);
	else
		rc = child_capture(argv, &words, err);
	if (rc == -1 && program[0] != '\0')
		(void)err_prefix(err, "could not make account \"%s\"", name);
	buf_free(&words);
	free(copy);
	return rc;
}

int
account_ensure(struct account *out, struct err *err)
{
	const char *name = getenv("JQM_ACCOUNT");
	const struct passwd *entry;

	if (name == NULL || name[0] == '\0')
		name = ACCOUNT_DEFAULT;
	entry = getpwnam(name);
	if (entry == NULL) {
		if (create(name, err) == -1)
			return -1;
		entry = getpwnam(name);
	}
	if (entry == NULL)
		return err_set(err, ERR_INTERNAL, "account \"%s\" cannot be read", name);
	if (entry->pw_uid == 0)
		return err_set(err, ERR_DENIED, "account \"%s\" is root: jqm never runs as root",
			       name);
	fill(out, entry);
	return 0;
}

int
account_find(struct account *out, struct err *err)
{
	const char *name = getenv("JQM_ACCOUNT");
	const struct passwd *entry;

	if (name == NULL || name[0] == '\0')
		name = ACCOUNT_DEFAULT;
	entry = getpwnam(name);
	if (entry == NULL)
		return err_set(err, ERR_NOT_FOUND,
			       "there is no account \"%s\": name that of the installation in "
			       "JQM_ACCOUNT",
			       name);
	fill(out, entry);
	return 0;
}

void
account_of_uid(uid_t uid, struct account *out)
{
	const struct passwd *entry = getpwuid(uid);

	if (entry != NULL)
		fill(out, entry);
	else
		*out = (struct account){ NULL, str_dup("/"), uid, getgid() };
}

int
account_of_file(const char *path, struct account *out, struct err *err)
{
	const struct passwd *entry;
	struct stat st;

	if (stat(path, &st) == -1)
		return err_errno(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_INTERNAL, "home \"%s\"",
				 path);
	if (st.st_uid == 0)
		return err_set(err, ERR_DENIED,
			       "home \"%s\" belongs to root: \"jqm up\" has not made it", path);
	entry = getpwuid(st.st_uid);
	if (entry != NULL)
		fill(out, entry);
	else
		*out = (struct account){ NULL, str_dup("/"), st.st_uid, st.st_gid };
	return 0;
}

void
account_free(struct account *account)
{
	free(account->name);
	free(account->directory);
	*account = (struct account)ACCOUNT_INIT;
}

int
account_become(const struct account *account, struct err *err)
{
	uid_t real, effective, saved;

	if ((account->name != NULL ? initgroups(account->name, account->gid)
				   : setgroups(0, NULL)) == -1 ||
	    setresgid(account->gid, account->gid, account->gid) == -1 ||
	    setresuid(account->uid, account->uid, account->uid) == -1)
		return err_errno(err, ERR_INTERNAL, "could not become uid %u",
				 (unsigned)account->uid);
	if (getresuid(&real, &effective, &saved) == -1 || real != account->uid ||
	    effective != account->uid || saved != account->uid || setuid(0) == 0)
		return err_set(err, ERR_INTERNAL, "root's rights are still here: refused");
	(void)setenv("HOME", account->directory, 1);
	if (account->name != NULL) {
		(void)setenv("USER", account->name, 1);
		(void)setenv("LOGNAME", account->name, 1);
	}
	return 0;
}
