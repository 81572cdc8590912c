/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/doctor/tree_check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "cli/doctor/doctor.h"
#include "cli/doctor/lent_rights.h"

#define NAMED_MAX 20 /* findings of a tree that have a line of their own */
#define DEPTH_MAX 200

struct tree {
	struct doctor *doctor;
	const struct tree_rule *rule;
	const char *path; /* of its top */
	size_t directories, files, links, mounts; /* seen */
	size_t wrong, fixed; /* said or only counted */
	size_t unnamed_wrong, unnamed_fixed; /* only counted */
};

static void __attribute__((format(printf, 5, 6)))
say(struct tree *tree, enum finding_kind kind, const char *path, const char *repair,
    const char *fmt, ...)
{
	size_t *count = kind == FINDING_FIXED ? &tree->fixed : &tree->wrong;
	char *why = NULL;
	va_list args;

	if (++*count > NAMED_MAX) {
		++*(kind == FINDING_FIXED ? &tree->unnamed_fixed : &tree->unnamed_wrong);
		return;
	}
	va_start(args, fmt);
	if (vasprintf(&why, fmt, args) == -1)
		abort();
	va_end(args);
	findings_add(&tree->doctor->findings, kind, tree->doctor->check, path, repair, why);
}

/* What fd, opened only as a path, shows gets this mode. */
static int
set_mode(int fd, mode_t mode)
{
	char self[40];

	(void)snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	return chmod(self, mode);
}

/* true: it belongs to whom it shall now. */
static bool
check_owner(struct tree *tree, int fd, const struct stat *st, const char *path)
{
	const struct doctor *doctor = tree->doctor;
	const struct account *account = &doctor->account;
	char *by_hand;

	if (st->st_uid == account->uid || (tree->rule->root_may_own && st->st_uid == 0))
		return true;
	by_hand = str_printf("as root: chown -h %s '%s'", doctor->account_name, path);
	if (!doctor->is_root || !tree->rule->may_give)
		say(tree, FINDING_WRONG, path,
		    tree->rule->may_give ? "as root: jqm doctor --fix" : by_hand,
		    "belongs to uid %u, not to account %s", (unsigned)st->st_uid,
		    doctor->account_name);
	else if (!doctor->fix)
		say(tree, FINDING_WRONG, path, "jqm doctor --fix",
		    "belongs to uid %u, not to account %s", (unsigned)st->st_uid,
		    doctor->account_name);
	else if (!S_ISDIR(st->st_mode) && st->st_nlink > 1)
		/* Its other name may be anywhere: a job can make such a name of a file it may not even read. */
		say(tree, FINDING_WRONG, path, by_hand,
		    "belongs to uid %u and has %ju names: not given to account %s",
		    (unsigned)st->st_uid, (uintmax_t)st->st_nlink, doctor->account_name);
	else if (fchownat(fd, "", account->uid, account->gid, AT_EMPTY_PATH) == -1)
		say(tree, FINDING_WRONG, path, by_hand, "could not be given to account %s: %s",
		    doctor->account_name, strerror(errno));
	else {
		say(tree, FINDING_FIXED, path, NULL, "belonged to uid %u, belongs to account %s",
		    (unsigned)st->st_uid, doctor->account_name);
		free(by_hand);
		return true;
	}
	free(by_hand);
	return false;
}

static const char *
who_too_much(mode_t excess)
{
	return (excess & 07000) != 0  ? "has bits that change who runs it"
	       : (excess & 0007) != 0 ? "is open to everybody"
	       : (excess & 0070) != 0 ? "is open to its group"
				      : "has bits it needs not";
}

/*
 * A file of root's that only the configuration names, or that has a second name, may be any file of the machine: who
 * writes the configuration, or a job, chose it.  A mode of its own would break who needs it.
 */
static bool
may_set_mode(const struct tree *tree, const struct stat *st)
{
	if (st->st_uid == tree->doctor->account.uid)
		return true;
	return tree->rule->may_give && (S_ISDIR(st->st_mode) || st->st_nlink == 1);
}

static void
check_mode(struct tree *tree, int fd, const struct stat *st, const char *path)
{
	bool is_directory = S_ISDIR(st->st_mode);
	mode_t most = is_directory ? tree->rule->directory : tree->rule->file;
	mode_t least = is_directory ? 0700 : 0400;
	mode_t mode = st->st_mode & 07777, want = (mode & most) | least;
	const char *why =
	    (mode & ~most) != 0 ? who_too_much(mode & ~most) : "cannot be used by its owner";
	char *by_hand;

	if (want == mode)
		return;
	by_hand = str_printf("%schmod %04o '%s'",
			     may_set_mode(tree, st) ? "" : "as root: ", (unsigned)want, path);
	if (!tree->doctor->fix || !may_set_mode(tree, st))
		say(tree, FINDING_WRONG, path, by_hand, "mode %04o %s", (unsigned)mode, why);
	else if (set_mode(fd, want) == -1)
		say(tree, FINDING_WRONG, path, by_hand,
		    "mode %04o %s, and could not be changed: %s", (unsigned)mode, why,
		    strerror(errno));
	else
		say(tree, FINDING_FIXED, path, NULL, "mode was %04o and %s, is %04o",
		    (unsigned)mode, why, (unsigned)want);
	free(by_hand);
}

static void check_below(struct tree *tree, int fd, const char *path, int depth);

/* What fd shows, and all below it. */
static void
check_one(struct tree *tree, int fd, const char *path, int depth)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return;
	if (S_ISLNK(st.st_mode)) {
		tree->links++;
		return;
	}
	if (S_ISBLK(st.st_mode) || S_ISCHR(st.st_mode)) {
		say(tree, FINDING_WRONG, path, "remove it", "is a device");
		return;
	}
	*(S_ISDIR(st.st_mode) ? &tree->directories : &tree->files) += 1;
	if (check_owner(tree, fd, &st, path) && fstat(fd, &st) == 0)
		check_mode(tree, fd, &st, path);
	if (S_ISDIR(st.st_mode) && tree->rule->deep)
		check_below(tree, fd, path, depth);
}

static void
check_entry(struct tree *tree, int directory, const char *name, const char *path, int depth)
{
	struct open_how how = { .flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
				.resolve =
				    RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV };
	int fd = (int)syscall(SYS_openat2, directory, name, &how, sizeof(how));

	if (fd == -1 && errno == EXDEV)
		tree->mounts++;
	else if (fd == -1 && errno != ENOENT) /* gone meanwhile: jobs end */
		say(tree, FINDING_WRONG, path, "see what it is", "could not be looked at: %s",
		    strerror(errno));
	else if (fd != -1)
		check_one(tree, fd, path, depth);
	fd_close(&fd);
}

static void
check_below(struct tree *tree, int fd, const char *path, int depth)
{
	int listing = depth >= DEPTH_MAX
			  ? -1
			  : openat(fd, ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = listing == -1 ? NULL : fdopendir(listing);
	const struct dirent *entry;

	if (dir == NULL) {
		say(tree, FINDING_WRONG, path, "see what is in it", "%s",
		    depth >= DEPTH_MAX ? "is too deep to be looked into" : strerror(errno));
		fd_close(&listing);
		return;
	}
	while ((entry = readdir(dir)) != NULL) {
		char *below;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		below = str_printf("%s/%s", path, entry->d_name);
		check_entry(tree, dirfd(dir), entry->d_name, below, depth + 1);
		free(below);
	}
	(void)closedir(dir);
}

static void
summarize(struct tree *tree)
{
	struct doctor *doctor = tree->doctor;

	if (tree->unnamed_wrong > 0)
		doctor_say(doctor, FINDING_WRONG, tree->path, "jqm doctor --fix",
			   "%zu more below it are wrong", tree->unnamed_wrong);
	if (tree->unnamed_fixed > 0)
		doctor_say(doctor, FINDING_FIXED, tree->path, NULL, "%zu more below it",
			   tree->unnamed_fixed);
	if (tree->links + tree->mounts > 0 && tree->rule->deep)
		doctor_say(doctor, FINDING_NOTE, tree->path, NULL,
			   "%zu symbolic links and %zu mounted file systems below it were not "
			   "followed",
			   tree->links, tree->mounts);
	if (tree->wrong == 0 && tree->directories == 0 && tree->files == 1)
		doctor_say(doctor, FINDING_OK, tree->path, NULL, "is closed as it shall be");
	else if (tree->wrong == 0 && tree->directories + tree->files > 0)
		doctor_say(doctor, FINDING_OK, tree->path, NULL,
			   "%zu directories and %zu files are closed as they shall be",
			   tree->directories, tree->files);
}

static bool
check_tree(struct doctor *doctor, const char *path, const struct tree_rule *rule)
{
	struct tree tree = { .doctor = doctor, .rule = rule, .path = path };
	/* With O_NOFOLLOW a link in the last place is opened itself; one before it is an error. */
	struct open_how how = { .flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
				.resolve = RESOLVE_NO_SYMLINKS };
	int fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
	struct stat st;

	if (fd == -1 && (errno == ENOENT || errno == ENOTDIR))
		return false;
	if (fd == -1 || fstat(fd, &st) == -1)
		say(&tree, FINDING_WRONG, path, "see what it is", "could not be looked at: %s",
		    strerror(errno));
	else if (S_ISLNK(st.st_mode))
		say(&tree, FINDING_WRONG, path, "put a directory or file of that name in its place",
		    "is a symbolic link: not followed");
	else
		check_one(&tree, fd, path, 0);
	fd_close(&fd);
	summarize(&tree);
	return true;
}

bool
tree_check(struct doctor *doctor, const char *path, const struct tree_rule *rule)
{
	bool lent = doctor->is_root && !rule->may_give;
	struct lent_rights lender;
	bool found;

	if (lent)
		lent_rights_give(&lender, &doctor->account);
	found = check_tree(doctor, path, rule);
	if (lent)
		lent_rights_take_back(&lender);
	return found;
}

void
tree_check_above(struct doctor *doctor, const char *path)
{
	char *above = path_dir(path);

	for (;;) {
		char *next = path_dir(above);
		struct stat st;

		if (stat(above, &st) == 0 &&
		    ((st.st_uid != 0 && st.st_uid != doctor->account.uid) ||
		     ((st.st_mode & 022) != 0 && (st.st_mode & S_ISVTX) == 0)))
			doctor_say(doctor, FINDING_WRONG, above,
				   "give it to root and take the right to write from others",
				   "others can write into this directory above \"%s\", and so put "
				   "something else in its place",
				   path);
		if (strcmp(above, next) == 0) {
			free(next);
			break;
		}
		free(above);
		above = next;
	}
	free(above);
}
