/* SPDX-License-Identifier: Apache-2.0 */
/* codec/deliverable_doc.c: struct deliverable on the wire. */
#include "codec/docs.h"
#include "model/deliverable.h"

#define S struct deliverable

static const struct wire_field fields[] = {
	WIRE_ROW_TEXT(S, file_path, "filePath", OPTIONAL, 0, "in the store of its node"),
	WIRE_ROW_TEXT(S, file_family, "fileFamily", OPTIONAL, 0, "tag given by the job"),
	WIRE_ROW_INT64(S, id, "id", "number of the file, for GET /ws/client/ji/files/{fileId}"),
	WIRE_ROW_TEXT(S, original_name, "originalName", OPTIONAL, 0, "as the job named it"),
	WIRE_ROW_INT64(S, size_bytes, "sizeBytes", "its length"),
	WIRE_ROW_TEXT(S, sha256, "sha256", OPTIONAL, 0, "SHA-256 of its bytes, hexadecimal"),
	WIRE_ROW_TEXT(S, random_id, "randomId", OPTIONAL, 0, "for GET /ws/simple/file"),
};

const struct wire_object deliverable_doc = {
	.name = "deliverable",
	.list_name = "deliverables",
	.size = sizeof(S),
	.fields = fields,
	.fields_len = sizeof(fields) / sizeof(fields[0]),
	.description = "a file a job left",
};
