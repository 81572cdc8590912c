/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/accounts.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "wire/keeper_wire.h"

#define FILE_BYTES_MAX 65536

static int
check_owner(int fd, const char *path, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return err_errno(err, ERR_INTERNAL, "could not look at \"%s\"", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_INVALID, "\"%s\" is no file", path);
	if (st.st_uid != 0 || (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return err_set(err, ERR_DENIED,
			       "\"%s\" says as whom jobs may run: it must belong to root, and "
			       "nobody else may write it",
			       path);
	return 0;
}

static int
add_name(struct accounts *accounts, const char *name, const char *path, int line, struct err *err)
{
	if (!local_account_is_name(name))
		return err_set(err, ERR_INVALID, "\"%s\", line %d: not the name of an account",
			       path, line);
	if (strcmp(name, "root") == 0)
		return err_set(err, ERR_INVALID, "\"%s\", line %d: no job runs as root", path,
			       line);
	if (accounts->count == ACCOUNTS_MAX)
		return err_set(err, ERR_INVALID, "\"%s\" has more than %d accounts", path,
			       ACCOUNTS_MAX);
	return str_copy(accounts->names[accounts->count++], LOCAL_ACCOUNT_NAME_SIZE, name);
}

/* The line without what is blank at both ends. */
static char *
trimmed(char *line)
{
	size_t len;

	while (isspace((unsigned char)*line))
		line++;
	len = strlen(line);
	while (len > 0 && isspace((unsigned char)line[len - 1]))
		line[--len] = '\0';
	return line;
}

static int
parse(struct accounts *accounts, char *text, const char *path, struct err *err)
{
	int number = 0;

	for (char *line = strsep(&text, "\n"); line != NULL; line = strsep(&text, "\n")) {
		const char *name = trimmed(line);

		number++;
		if (name[0] != '\0' && name[0] != '#' &&
		    add_name(accounts, name, path, number, err) == -1)
			return -1;
	}
	return 0;
}

int
accounts_read(struct accounts *accounts, const char *path, struct err *err)
{
	struct buf text = BUF_INIT(FILE_BYTES_MAX);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int rc = -1;

	accounts->listed = true;
	if (fd == -1 && errno == ENOENT)
		return 0;
	if (fd == -1)
		return err_errno(err, ERR_INTERNAL, "could not open \"%s\"", path);
	if (check_owner(fd, path, err) == 0 && fd_read_all(fd, &text, err) == 0)
		rc = text.data == NULL ? 0 : parse(accounts, text.data, path, err);
	fd_close(&fd);
	buf_free(&text);
	return rc;
}

static bool
is_listed(const struct accounts *accounts, const char *name)
{
	for (int i = 0; i < accounts->count; i++)
		if (strcmp(accounts->names[i], name) == 0)
			return true;
	return false;
}

/* Who is in such a group may read our logs, and connect where only nginx should. */
static bool
is_in_our_groups(const struct local_account *account)
{
	for (int i = 0; i < account->n_groups; i++)
		if (account->groups[i] == 0 || account->groups[i] == getegid())
			return true;
	return false;
}

static const char *
reason_against(const struct accounts *accounts, const char *name, struct local_account *out)
{
	if (!accounts->listed)
		return "this node has no list of accounts";
	if (!is_listed(accounts, name))
		return "it is not in the node's list";
	if (!accounts->privileged)
		return "the keeper was started without the right to";
	if (local_account_find(accounts->passwd, accounts->group, name, out) == -1)
		return errno == ENOENT ? "there is no such account"
				       : "its account could not be read";
	if (out->uid == 0)
		return "it is root";
	if (out->uid == getuid() || out->uid == geteuid())
		return "it is the account of JQM itself";
	return is_in_our_groups(out) ? "it is in a group of root or JQM" : NULL;
}

int
accounts_allow(const struct accounts *accounts, const char *name, struct local_account *out,
	       struct keeper_not_started *why)
{
	const char *reason = reason_against(accounts, name, out);

	if (reason == NULL)
		return 0;
	why->error = EPERM;
	(void)snprintf(why->step, sizeof(why->step), KEEPER_STEP_ACCOUNT "%s", reason);
	return -1;
}
