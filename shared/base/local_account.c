/* SPDX-License-Identifier: Apache-2.0 */
#include "base/local_account.h"

#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

#define LINE_MAX_BYTES (1 << 20) /* a group may have thousands of members */

bool
local_account_is_name(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len >= LOCAL_ACCOUNT_NAME_SIZE ||
	    (name[0] != '_' && !isalpha((unsigned char)name[0])))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isascii((unsigned char)name[i]) ||
		    (!isalnum((unsigned char)name[i]) && strchr("_.-", name[i]) == NULL))
			return false;
	return true;
}

/* 0, or -1 with errno. */
static int
find_user(FILE *file, char *line, const char *name, struct local_account *out)
{
	struct passwd account, *found;
	int error;

	while ((error = fgetpwent_r(file, &account, line, LINE_MAX_BYTES, &found)) == 0)
		if (strcmp(found->pw_name, name) == 0) {
			out->uid = found->pw_uid;
			out->gid = found->pw_gid;
			errno = ERANGE;
			return str_copy(out->home, sizeof(out->home), found->pw_dir);
		}
	errno = error;
	return -1;
}

static int
add_group(struct local_account *out, gid_t gid)
{
	for (int i = 0; i < out->n_groups; i++)
		if (out->groups[i] == gid)
			return 0;
	errno = ERANGE;
	if (out->n_groups == LOCAL_ACCOUNT_GROUPS_MAX)
		return -1;
	out->groups[out->n_groups++] = gid;
	return 0;
}

static int
find_groups(FILE *file, char *line, const char *name, struct local_account *out)
{
	struct group group, *found;
	int error;

	out->n_groups = 0;
	(void)add_group(out, out->gid);
	while ((error = fgetgrent_r(file, &group, line, LINE_MAX_BYTES, &found)) == 0)
		for (char **member = found->gr_mem; *member != NULL; member++)
			if (strcmp(*member, name) == 0 && add_group(out, found->gr_gid) == -1)
				return -1;
	errno = error;
	return error == ENOENT ? 0 : -1;
}

int
local_account_find(const char *passwd_path, const char *group_path, const char *name,
		   struct local_account *out)
{
	char *line = malloc(LINE_MAX_BYTES);
	FILE *passwd = fopen(passwd_path, "re");
	FILE *group = passwd == NULL ? NULL : fopen(group_path, "re");
	int rc = -1, saved;

	if (line != NULL && group != NULL && find_user(passwd, line, name, out) == 0)
		rc = find_groups(group, line, name, out);
	saved = errno;
	if (group != NULL)
		(void)fclose(group);
	if (passwd != NULL)
		(void)fclose(passwd);
	free(line);
	errno = saved;
	return rc;
}
