/* SPDX-License-Identifier: Apache-2.0 */
/* codec/transfer_doc.c: struct transfer_report on the wire. */
#include "codec/docs.h"
#include "model/transfer.h"

static const char *const results[] = { "", "created", "updated", "unchanged", "skipped", NULL };

static const struct wire_field change_fields[] = {
	WIRE_ROW_TEXT(struct transfer_change, field, "field", ALWAYS, 0,
		      "which member; parameters.KEY of a parameter"),
	WIRE_ROW_TEXT(struct transfer_change, was, "from", OPTIONAL, 0, "its value before"),
	WIRE_ROW_TEXT(struct transfer_change, becomes, "to", OPTIONAL, 0, "its value now"),
};
static const struct wire_object change_doc = WIRE_OBJECT(
    transfer_change, change_fields, "a member an import changes; values of secrets are not told");

static const struct wire_field object_fields[] = {
	WIRE_ROW_TEXT(struct transfer_object, kind, "kind", ALWAYS, 0,
		      "node, param, queue, mapping, resource, context or definition"),
	WIRE_ROW_TEXT(struct transfer_object, name, "name", ALWAYS, 0,
		      "its name, its key; of a mapping: node / queue"),
	WIRE_ROW_ENUM(struct transfer_object, result, "result", ALWAYS, results,
		      "what the import did to it; skipped: there is none"),
	WIRE_ROW_OBJECT_LIST(struct transfer_object, changes, "changes", "change",
			     struct transfer_change_list, &change_doc,
			     "of one that was updated, for who may read it"),
};
static const struct wire_object object_doc = WIRE_OBJECT(
    transfer_object, object_fields, "one object a file describes, or that was changed with it");

static const struct wire_field report_fields[] = {
	WIRE_ROW_BOOL(struct transfer_report, dry_run, "dryRun",
		      "nothing was changed: this is what would be"),
	WIRE_ROW_OBJECT_LIST(struct transfer_report, objects, "objects", "object",
			     struct transfer_object_list, &object_doc, "by kind and name"),
};
const struct wire_object transfer_report_doc =
    WIRE_OBJECT(transfer_report, report_fields, "what an import did");
