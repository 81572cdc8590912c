/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codec/configuration_xml.h: JQM's files of queues, of a whole cluster and of resources (docs/xml.md).
 *
 * One reader for all: root jqm with any of defaultQueueName, nodes, queues, globalParameters and resources; or root
 * queues or resources.  A resource is described by elements, as in JQM's cluster configuration, or by attributes, as
 * in its local resources file.  Elements may stand in any order; JQM's sections may be absent.
 */
#ifndef CODEC_CONFIGURATION_XML_H
#define CODEC_CONFIGURATION_XML_H

#include <stddef.h>

struct buf;
struct configuration;
struct err;
struct memory;
struct problem_list;

/* What a file may have. */
enum configuration_scope { CONFIGURATION_ALL, CONFIGURATION_QUEUES, CONFIGURATION_RESOURCES };

/*
 * Read a document of len bytes into *out, all in memory.  0; -1: ERR_INVALID or ERR_TOO_LARGE, "line N: ..."; problems
 * (given empty) gets one for each node, queue, mapping, parameter and resource that is wrong, none when the document
 * as a whole is.
 */
int configuration_xml_read(const char *data, size_t len, enum configuration_scope scope,
			   struct memory *memory, struct configuration *out,
			   struct problem_list *problems, struct err *err);

/* Append as a document that reads back the same.  QUEUES: without mappings; RESOURCES: root resources. */
void configuration_xml_write(const struct configuration *configuration,
			     enum configuration_scope scope, struct buf *out);

#endif
