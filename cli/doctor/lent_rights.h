/* SPDX-License-Identifier: Apache-2.0 */
/* doctor/lent_rights.h: root does something with the rights of the account only, as the programs of that account would. */
#ifndef CLI_DOCTOR_LENT_RIGHTS_H
#define CLI_DOCTOR_LENT_RIGHTS_H

#include <sys/types.h>

struct account;

#define LENT_RIGHTS_GROUPS_MAX 256

/* What root had. */
struct lent_rights {
	gid_t groups[LENT_RIGHTS_GROUPS_MAX];
	int n_groups;
};

/* From now on this process, which root has started, may what the account may: user, group and its other groups.  Aborts where it cannot. */
void lent_rights_give(struct lent_rights *lent, const struct account *account);

/* Root is root again.  Aborts where it cannot: half of an account's rights are nobody's. */
void lent_rights_take_back(const struct lent_rights *lent);

#endif
