/* SPDX-License-Identifier: Apache-2.0 */
/* model/error_report.h: what a caller is told when a request fails; JQM calls it ErrorDto. */
#ifndef MODEL_ERROR_REPORT_H
#define MODEL_ERROR_REPORT_H

#include "model/value.h"

/* JQM's codes that we send. */
#define ERROR_CODE_PARAMETER_PAIRS 6 /* fewer parameter values than names */
#define ERROR_CODE_NO_FILE 8 /* unknown file, or its bytes are gone */
#define ERROR_CODE_INTERNAL 9
#define ERROR_CODE_INVALID 10 /* any other fault of the caller */
#define ERROR_CODE_UNHEALTHY 11 /* the node polls too late */

struct error_report {
	const char *user_readable_message;
	const char *developer_message; /* never internals; may be NULL */
	const char *stacktrace; /* always "": nobody outside needs one */
	int64_t error_code;
	const char *user_message_key; /* for the console's translations; may be NULL */
	struct text_map user_message_params;
	const char *request_id; /* ours */
	struct text_list
	    problems; /* ours: all that is wrong with a document, when that is more than one */
};

#endif
