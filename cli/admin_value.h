/* SPDX-License-Identifier: Apache-2.0 */
/* cli/admin_value.h: members of configuration objects as words of a command line, both ways. */
#ifndef CLI_ADMIN_VALUE_H
#define CLI_ADMIN_VALUE_H

struct buf;
struct err;
struct memory;
struct wire_field;

/* Append a member as text: lists parted by commas, maps as key=value, nothing when absent. */
void admin_value_text(const struct wire_field *field, const void *object, struct buf *out);

/* The other way round; "" makes the member absent, a list or map empty; a list of objects is JSON.  0, or -1 with
 * ERR_INVALID. */
int admin_value_set(const struct wire_field *field, void *object, const char *text,
		    struct memory *memory, struct err *err);

#endif
