/* SPDX-License-Identifier: Apache-2.0 */
/* codec/job_def_xml_tables.h: the elements of a descriptor, for its reader and its writer. */
#ifndef CODEC_JOB_DEF_XML_TABLES_H
#define CODEC_JOB_DEF_XML_TABLES_H

#include "codec/xml_fields.h"
#include "model/job_def.h"

/* Structs still with elements that are read in a second step.  The model struct comes first. */
struct read_def {
	struct job_def def;
	const struct xml_element *parameters, *limits, *retry, *types;
	const char *exit_codes;
};
struct read_context {
	struct execution_context context;
	const struct xml_element *handlers;
};
struct read_handler {
	struct event_handler handler;
	const char *event;
	const struct xml_element *parameters;
};

/* In the order JQM writes them. */
struct xml_rows {
	const struct xml_field *fields;
	size_t len;
};
extern const struct xml_rows job_def_xml_definition, job_def_xml_limits,
    job_def_xml_retry; /* struct read_def */
extern const struct xml_rows job_def_xml_context; /* struct read_context */

#endif
