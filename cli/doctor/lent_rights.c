/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/doctor/lent_rights.h"

#include <grp.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/up/account.h"

void
lent_rights_give(struct lent_rights *lent, const struct account *account)
{
	lent->n_groups = getgroups(LENT_RIGHTS_GROUPS_MAX, lent->groups);
	if (lent->n_groups == -1 ||
	    (account->name != NULL ? initgroups(account->name, account->gid)
				   : setgroups(0, NULL)) == -1 ||
	    setegid(account->gid) == -1 || seteuid(account->uid) == -1)
		abort();
}

void
lent_rights_take_back(const struct lent_rights *lent)
{
	if (seteuid(0) == -1 || setegid(0) == -1 ||
	    setgroups((size_t)lent->n_groups, lent->groups) == -1)
		abort();
}
