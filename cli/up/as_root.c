/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/up/as_root.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "cli/up/home.h"
#include "cli/up/tools.h"
#include "cli/up/tree.h"
#include "crypto/digest.h"

#define STORE "/var/lib/jqm"

static const char *const our_programs[] = { "jqm",        "jqm-fcgi",     "jqm-runner",
					    "jqm-keeper", "jqm-notifier", "jqm-events",
					    "jqm-hooks" };

/* Could the account do this with path?  Asked by a child that has become it. */
static bool
account_can(const struct account *account, const char *path, int mode)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		struct err ignored = ERR_INIT;

		_exit(account_become(account, &ignored) == 0 && access(path, mode) == 0 ? 0 : 1);
	}
	while (pid != -1 && waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	return pid != -1 && status == 0;
}

/* STORE/kind-HASH for something that lies in path, in fresh memory; NULL with err. */
static char *
stored_path(const char *kind, const char *path, struct err *err)
{
	unsigned char digest[DIGEST_SIZE];
	char hash[17];

	if (digest_sha256(path, strlen(path), digest) == -1) {
		(void)err_set(err, ERR_INTERNAL, "could not compute a digest");
		return NULL;
	}
	str_hex(hash, digest, 8);
	return str_printf(STORE "/%s-%s", kind, hash);
}

/* Root's own directory, open to look into, whatever the umask says. */
static int
make_store(const char *path, struct err *err)
{
	struct stat st;

	if (fd_make_dirs(path, 0755, err) == -1)
		return -1;
	if (lstat(path, &st) == -1 || !S_ISDIR(st.st_mode) || st.st_uid != 0)
		return err_set(err, ERR_DENIED, "\"%s\" is no directory of root", path);
	if (chmod(path, 0755) == -1)
		return err_errno(err, ERR_INTERNAL, "could not open \"%s\" to all", path);
	return 0;
}

/* Copy programs and files of ours to where the account can run them. */
static int
copy_programs(const struct tools *tools, const char *to, struct err *err)
{
	char *bin = tools_file(to, "bin"), *share = tools_file(to, "share");
	char *share_jqm = tools_file(to, "share/jqm");
	int rc = make_store(STORE, err);

	if (rc == 0)
		rc = make_store(to, err);
	if (rc == 0)
		rc = make_store(bin, err);
	if (rc == 0)
		rc = make_store(share, err);
	for (size_t i = 0; i < sizeof(our_programs) / sizeof(our_programs[0]) && rc == 0; i++) {
		char *source = tools_file(tools->bin_dir, our_programs[i]);
		char *target = tools_file(bin, our_programs[i]);

		if (access(source, F_OK) == 0)
			rc = tree_copy_file(source, target, err);
		free(source);
		free(target);
	}
	if (rc == 0)
		rc = tree_copy(tools->share_dir, share_jqm, err);
	free(share_jqm);
	free(share);
	free(bin);
	return rc;
}

static int
prepare_programs(struct as_root *as_root, struct err *err)
{
	struct tools tools = TOOLS_INIT;
	char *program = NULL, *schema = NULL, *store = NULL;
	int rc = tools_find_ours(&tools, err);

	if (rc == -1)
		goto cleanup;
	program = tools_file(tools.bin_dir, "jqm");
	schema = tools_file(tools.share_dir, "sql/schema");
	if (account_can(&as_root->account, program, X_OK) &&
	    account_can(&as_root->account, schema, R_OK | X_OK)) {
		as_root->program = program;
		program = NULL;
		goto cleanup;
	}
	store = stored_path("program", tools.bin_dir, err);
	rc = store == NULL ? -1 : copy_programs(&tools, store, err);
	if (rc == 0) {
		as_root->program = tools_file(store, "bin/jqm");
		(void)printf("Account %s cannot read %s: the programs run from %s\n",
			     as_root->account.name, tools.bin_dir, store);
	}

cleanup:
	free(store);
	free(schema);
	free(program);
	tools_free(&tools);
	return rc;
}

/* An existing directory becomes the account's: only root's, and only when empty or a home. */
static int
give_directory(const char *path, const struct account *account, struct err *err)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int rc = 0;

	if (fd == -1 || fstat(fd, &st) == -1)
		rc = err_errno(err, ERR_INVALID, "home \"%s\"", path);
	else if (st.st_uid == account->uid)
		rc = 0;
	else if (st.st_uid != 0)
		rc = err_set(err, ERR_DENIED, "home \"%s\" belongs to uid %u, not to account %s",
			     path, (unsigned)st.st_uid, account->name);
	else if (tree_is_empty(fd))
		rc = fchown(fd, account->uid, account->gid) == 0 && fchmod(fd, 0700) == 0
			 ? 0
			 : err_errno(err, ERR_INTERNAL, "could not give \"%s\" away", path);
	else if (home_exists(path))
		rc = tree_give(path, account->uid, account->gid, err);
	else
		rc = err_set(err, ERR_CONFLICT,
			     "directory \"%s\" is no home of jqm and not empty: name a new or an "
			     "empty one",
			     path);
	fd_close(&fd);
	return rc;
}

/* The directory of path, in fresh memory. */
static char *
parent_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == path ? str_dup("/") : str_printf("%.*s", (int)(slash - path), path);
}

/* Make path (and its parents, root's) and give it to the account. */
static int
make_home(const char *path, const struct account *account, struct err *err)
{
	char *parent = parent_of(path);
	int rc = fd_make_dirs(parent, 0755, err);

	if (rc == 0 && mkdir(path, 0700) == -1 && errno != EEXIST)
		rc = err_errno(err, ERR_INTERNAL, "could not create directory \"%s\"", path);
	if (rc == 0)
		rc = give_directory(path, account, err);
	free(parent);
	return rc;
}

/* The nearest directory above path that exists, in fresh memory. */
static char *
existing_parent(const char *path)
{
	char *parent = parent_of(path);

	while (access(parent, F_OK) == -1 && strcmp(parent, "/") != 0) {
		char *above = parent_of(parent);

		free(parent);
		parent = above;
	}
	return parent;
}

/* Put the home into STORE and a link to it where it was asked for. */
static int
relocate_home(const char *requested, struct as_root *as_root, struct err *err)
{
	char *real = stored_path("home", requested, err);
	char *parent = parent_of(requested);
	int rc = real == NULL ? -1 : 0;

	/* Only an empty directory of that name may give way. */
	if (rc == 0 && rmdir(requested) == -1 && errno != ENOENT)
		rc =
		    err_errno(err, ERR_CONFLICT,
			      "account %s cannot reach \"%s\", and it cannot be replaced by a link",
			      as_root->account.name, requested);
	if (rc == 0)
		rc = make_store(STORE, err);
	if (rc == 0)
		rc = make_home(real, &as_root->account, err);
	if (rc == 0)
		rc = fd_make_dirs(parent, 0755, err);
	if (rc == 0 && symlink(real, requested) == -1)
		rc = err_errno(err, ERR_INTERNAL, "could not make the link \"%s\"", requested);
	if (rc == 0) {
		(void)printf("Account %s cannot reach %s: the home is %s, with a link to it\n",
			     as_root->account.name, requested, real);
		as_root->home = real;
		real = NULL;
	}
	free(parent);
	free(real);
	return rc;
}

static int
prepare_home(const char *path, struct as_root *as_root, struct err *err)
{
	char *parent = existing_parent(path);
	int rc;

	if (account_can(&as_root->account, parent, X_OK)) {
		rc = make_home(path, &as_root->account, err);
		if (rc == 0)
			as_root->home = str_dup(path);
	} else {
		rc = relocate_home(path, as_root, err);
	}
	free(parent);
	return rc;
}

int
as_root_prepare(const struct home *home, struct as_root *out, struct err *err)
{
	if (account_ensure(&out->account, err) == -1 || prepare_programs(out, err) == -1 ||
	    prepare_home(home->path, out, err) == -1)
		return -1;
	if (chdir(out->home) == -1)
		return err_errno(err, ERR_INTERNAL, "could not enter \"%s\"", out->home);
	(void)fflush(stdout);
	return account_become(&out->account, err);
}

void
as_root_free(struct as_root *as_root)
{
	account_free(&as_root->account);
	free(as_root->home);
	free(as_root->program);
	*as_root = (struct as_root)AS_ROOT_INIT;
}

int
as_root_become_owner(const struct home *home, struct err *err)
{
	struct account account = ACCOUNT_INIT;
	int rc;

	if (geteuid() != 0)
		return 0;
	rc = account_of_file(home->path, &account, err);
	if (rc == 0)
		rc = account_become(&account, err);
	/* Root may stand where the account may not. */
	if (rc == 0 && access(".", X_OK) == -1 && chdir(home->path) == -1)
		rc = err_errno(err, ERR_INTERNAL, "could not enter \"%s\"", home->path);
	account_free(&account);
	return rc;
}
