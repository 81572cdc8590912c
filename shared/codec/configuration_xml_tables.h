/* SPDX-License-Identifier: Apache-2.0 */
/* codec/configuration_xml_tables.h: the elements of these files, for their reader and their writer. */
#ifndef CODEC_CONFIGURATION_XML_TABLES_H
#define CODEC_CONFIGURATION_XML_TABLES_H

#include "codec/xml_fields.h"
#include "model/configuration.h"

/* Structs still with elements that are read in a second step.  The model struct comes first. */
struct read_queue {
	struct configuration_queue queue;
	const struct xml_element *mappings, *jobs;
};
struct read_resource {
	struct configuration_resource resource;
	const struct xml_element *parameters;
};

/* In the order JQM has them. */
extern const struct xml_fields configuration_xml_node; /* struct configuration_node */
extern const struct xml_fields configuration_xml_queue; /* struct read_queue */
extern const struct xml_fields configuration_xml_mapping; /* struct configuration_mapping */
extern const struct xml_fields
    configuration_xml_parameter; /* struct configuration_parameter, of the cluster or a resource */
extern const struct xml_fields configuration_xml_resource; /* struct read_resource */

#endif
