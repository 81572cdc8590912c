/* SPDX-License-Identifier: Apache-2.0 */
/* codec/purge_doc.c: the answer to a purge of history on the wire. */
#include "codec/docs.h"
#include "model/purge.h"

static const struct wire_field purge_fields[] = {
	WIRE_ROW_INT64(struct purge, jobs, "jobs", "jobs that ended long enough ago"),
	WIRE_ROW_BOOL(struct purge, dry_run, "dryRun", "they were only counted"),
};

const struct wire_object purge_doc = {
	.name = "purge",
	.size = sizeof(struct purge),
	.fields = purge_fields,
	.fields_len = sizeof(purge_fields) / sizeof(purge_fields[0]),
	.description = "what a purge of history does",
};
