/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/admin_prepare.h: what the database cannot look at before an administrator's objects are stored. */
#ifndef FCGI_ADMIN_PREPARE_H
#define FCGI_ADMIN_PREPARE_H

struct err;
struct exchange;
struct wire_items;
struct wire_object;

/*
 * Objects of a type of model/admin.h: expressions and zones of schedules are checked, passwords replaced by
 * their hashes.  0, or -1: ERR_INVALID, or ERR_BUSY when too many hashes are being computed.
 */
int admin_prepare(struct exchange *x, const struct wire_object *type,
		  const struct wire_items *items, struct err *err);

#endif
