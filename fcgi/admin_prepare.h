/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/admin_prepare.h: what the database cannot look at before an administrator's objects are stored. */
#ifndef FCGI_ADMIN_PREPARE_H
#define FCGI_ADMIN_PREPARE_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct exchange;
struct wire_items;
struct wire_object;

/*
 * Objects of a type of model/admin.h: expressions and zones of schedules are checked, passwords replaced by
 * their hashes (ERR_DENIED: the caller's own takes another door); parameters that turn authentication off are for who
 * may do everything (ERR_DENIED).  id: of the one object, 0 when it says itself.  0, or -1: ERR_INVALID, or
 * ERR_BUSY when too many hashes are being computed.
 */
int admin_prepare(struct exchange *x, const struct wire_object *type, int64_t id,
		  const struct wire_items *items, struct err *err);

/* Does the global parameter let people in who do not log in?  Then only who may do everything changes it. */
bool admin_parameter_opens(const char *key);

#endif
