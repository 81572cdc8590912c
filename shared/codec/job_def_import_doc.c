/* SPDX-License-Identifier: Apache-2.0 */
/* codec/job_def_import_doc.c: struct job_def_import on the wire. */
#include "codec/docs.h"
#include "model/job_def.h"

static const char *const results[] = { "", "created", "updated", NULL };

static const struct wire_field imported_fields[] = {
	WIRE_ROW_TEXT(struct job_def_imported, name, "name", ALWAYS, 0, "name of the definition"),
	WIRE_ROW_ENUM(struct job_def_imported, result, "result", ALWAYS, results,
		      "what the import did to it"),
};

static const struct wire_object imported_doc = {
	.name = "importedDefinition",
	.size = sizeof(struct job_def_imported),
	.fields = imported_fields,
	.fields_len = sizeof(imported_fields) / sizeof(imported_fields[0]),
	.description = "one definition of a descriptor",
};

static const struct wire_field fields[] = {
	WIRE_ROW_OBJECT_LIST(struct job_def_import, definitions, "definitions", "definition",
			     struct job_def_imported_list, &imported_doc,
			     "in the order of the file"),
	WIRE_ROW_TEXT_LIST(struct job_def_import, queues, "queues", "queue", 0,
			   "queues that had to be created"),
};

const struct wire_object job_def_import_doc = {
	.name = "importReport",
	.size = sizeof(struct job_def_import),
	.fields = fields,
	.fields_len = sizeof(fields) / sizeof(fields[0]),
	.description = "what the import of a descriptor did",
};
