/* SPDX-License-Identifier: Apache-2.0 */
/* model/transfer.h: what an import of a file did to the configuration, or would do. */
#ifndef MODEL_TRANSFER_H
#define MODEL_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>

/* SKIPPED: the file names an object it cannot make and that is not there. */
enum transfer_result {
	TRANSFER_UNKNOWN,
	TRANSFER_CREATED,
	TRANSFER_UPDATED,
	TRANSFER_UNCHANGED,
	TRANSFER_SKIPPED
};

struct transfer_change {
	const char *field; /* as the admin API calls it; "parameters.KEY" of a parameter */
	const char *was, *becomes; /* NULL: nothing; a secret is not told */
};
struct transfer_change_list {
	struct transfer_change *items;
	size_t len;
};

struct transfer_object {
	const char *kind; /* node, param, queue, mapping, resource, context, definition */
	const char *name; /* of a mapping: "node / queue" */
	enum transfer_result result;
	struct transfer_change_list changes; /* when updated */
	bool named; /* by the file; else one that it changed by the way */
};
struct transfer_object_list {
	struct transfer_object *items;
	size_t len;
};

struct transfer_report {
	bool dry_run; /* nothing was changed */
	struct transfer_object_list objects; /* by kind, in the order above, and name */
};

#endif
