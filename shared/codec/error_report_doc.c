/* SPDX-License-Identifier: Apache-2.0 */
/* codec/error_report_doc.c: struct error_report on the wire. */
#include "codec/docs.h"
#include "model/error_report.h"

#define S struct error_report

static const struct wire_field fields[] = {
	WIRE_ROW_TEXT(S, user_readable_message, "userReadableMessage", ALWAYS, 0,
		      "what was wrong, for a human"),
	WIRE_ROW_TEXT(S, developer_message, "developerMessage", OPTIONAL, 0, "more of it"),
	WIRE_ROW_TEXT(S, stacktrace, "stacktrace", ALWAYS, 0, "always empty"),
	WIRE_ROW_INT64(S, error_code, "errorCode",
		       "10 the caller's fault, 9 ours; 6, 8, 11 see the call"),
	WIRE_ROW_TEXT(S, user_message_key, "userMessageKey", OPTIONAL, 0,
		      "key of the message in the console's translations"),
	WIRE_ROW(("userMessageParams"), MAP, ALWAYS,
		 WIRE_AT(S, user_message_params, struct text_map),
		 "what to put into the translation", .max = INT64_MAX, .key_max = INT64_MAX),
	WIRE_ROW_TEXT(S, request_id, "requestId", OPTIONAL, 0,
		      "under which the server's logs tell more"),
	/* the last one: only of imports */
	WIRE_ROW_TEXT_LIST(S, problems, "problems", "problem", 0,
			   "of an imported file: all that is wrong with it"),
};

const struct wire_object error_report_doc = {
	.name = "errorDto",
	.size = sizeof(S),
	.fields = fields,
	.fields_len = sizeof(fields) / sizeof(fields[0]) - 1,
	.description = "why a request failed",
};

const struct wire_object import_error_report_doc = {
	.name = "importErrorDto",
	.size = sizeof(S),
	.fields = fields,
	.fields_len = sizeof(fields) / sizeof(fields[0]),
	.description = "why an import failed",
};
