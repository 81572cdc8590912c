/* SPDX-License-Identifier: Apache-2.0 */
/* model/permissions_bag.h: who the caller is and what it may do, for GET /ws/admin/me. */
#ifndef MODEL_PERMISSIONS_BAG_H
#define MODEL_PERMISSIONS_BAG_H

#include "model/value.h"

struct permissions_bag {
	const char *login;
	bool enforced; /* are permissions looked at? */
	struct text_list permissions;
};

#endif
