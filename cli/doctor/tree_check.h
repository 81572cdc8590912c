/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/doctor/tree_check.h: owner and mode of a directory and all below it, or of one file.
 *
 * Jobs write into some of these directories while we look, and root may be the one who looks.  So nothing is
 * reached by its path: each name is opened below a descriptor of its directory, without following any link and
 * without crossing into another file system, and what is changed is what that descriptor shows.  Nothing is ever
 * opened for reading or writing.
 */
#ifndef DOCTOR_TREE_CHECK_H
#define DOCTOR_TREE_CHECK_H

#include <stdbool.h>
#include <sys/types.h>

struct doctor;

struct tree_rule {
	mode_t directory, file; /* bits a mode may have at most */
	bool deep; /* all below it, too */
	bool root_may_own; /* root's will do as well as the account's */
	/*
	 * Root may give the account what is here and belongs to somebody else, and change modes of what is root's.  Not
	 * where only the configuration names the place: the account can write there whatever it likes to own, or to break.
	 * There it is looked with the account's rights alone, or a report would tell it what lies in /root.
	 */
	bool may_give;
};

/*
 * Check path (absolute, its links resolved) by the rule, and mend it when doctor->fix; links and mounts below it
 * are counted and left alone.  false: there is no such thing, and nothing was said.
 */
bool tree_check(struct doctor *doctor, const char *path, const struct tree_rule *rule);

/* Could somebody else exchange what lies at path, because he can write into a directory above it? */
void tree_check_above(struct doctor *doctor, const char *path);

#endif
