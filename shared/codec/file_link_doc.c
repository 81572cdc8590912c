/* SPDX-License-Identifier: Apache-2.0 */
/* codec/file_link_doc.c: struct file_link on the wire. */
#include "codec/docs.h"
#include "model/file_link.h"

#define S struct file_link

static const struct wire_field fields[] = {
	WIRE_ROW_TEXT(S, url, "url", OPTIONAL, 0, "from the root of this server on"),
	WIRE_ROW_DATE(S, expires_at, "expirationDate", "opens nothing from then on"),
};

const struct wire_object file_link_doc = {
	.name = "fileLink",
	.size = sizeof(S),
	.fields = fields,
	.fields_len = sizeof(fields) / sizeof(fields[0]),
	.description = "a link that opens one file without an account, for a time",
};
