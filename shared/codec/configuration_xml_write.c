/* SPDX-License-Identifier: Apache-2.0 */
/* codec/configuration_xml_write.c: queues, resources, clusters as files, after the tables their reader uses. */
#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "codec/configuration_xml.h"
#include "codec/configuration_xml_tables.h"
#include "codec/xml_write.h"
#include "model/configuration.h"

static bool
is_set(const struct xml_field *flag, const void *object)
{
	bool set;

	memcpy(&set, (const char *)object + flag->offset, sizeof(set));
	return set;
}

/* All plain elements of a table, in its order; with_children() (NULL: there are none) writes the others. */
static void
write_fields(struct xml_writing *w, const struct xml_fields *table, const void *object,
	     const void *usual,
	     void (*with_children)(struct xml_writing *w, const char *element, const void *object))
{
	for (size_t i = 0; i < table->fields_len; i++) {
		const struct xml_field *field = &table->fields[i];

		if (field->kind == XML_ELEMENT) {
			assert(with_children != NULL);
			with_children(w, field->element, object);
		} else if (field->kind != XML_BOOL || field->needed || is_set(field, object)) {
			xml_write_field(w, field, object, usual);
		}
	}
}

static void
write_parameters(struct xml_writing *w, const char *element,
		 const struct configuration_parameter_list *list)
{
	static const struct configuration_parameter usual;

	xml_write_open(w, element);
	for (size_t i = 0; i < list->len; i++) {
		xml_write_open(w, "parameter");
		write_fields(w, &configuration_xml_parameter, &list->items[i], &usual, NULL);
		xml_write_close(w, "parameter");
	}
	xml_write_close(w, element);
}

static void
write_nodes(struct xml_writing *w, const struct configuration_node_list *list)
{
	static const struct configuration_node usual;

	xml_write_open(w, "nodes");
	for (size_t i = 0; i < list->len; i++) {
		xml_write_open(w, "node");
		write_fields(w, &configuration_xml_node, &list->items[i], &usual, NULL);
		xml_write_close(w, "node");
	}
	xml_write_close(w, "nodes");
}

static void
write_mappings(struct xml_writing *w, const struct configuration_mapping_list *list)
{
	static const struct configuration_mapping usual;

	xml_write_open(w, "mappings");
	for (size_t i = 0; i < list->len; i++) {
		xml_write_open(w, "mapping");
		write_fields(w, &configuration_xml_mapping, &list->items[i], &usual, NULL);
		xml_write_close(w, "mapping");
	}
	xml_write_close(w, "mappings");
}

static void
write_jobs(struct xml_writing *w, const struct text_list *jobs)
{
	xml_write_open(w, "jobs");
	for (size_t i = 0; i < jobs->len; i++)
		xml_write_element(w, "applicationName", jobs->items[i]);
	xml_write_close(w, "jobs");
}

/* A cluster's queues have mappings, those of a file of queues have jobs: what JQM's own readers want. */
static void
write_of_queue_in_cluster(struct xml_writing *w, const char *element, const void *object)
{
	const struct read_queue *queue = object;

	if (strcmp(element, "mappings") == 0)
		write_mappings(w, &queue->queue.mappings);
}

static void
write_of_queue(struct xml_writing *w, const char *element, const void *object)
{
	const struct read_queue *queue = object;

	if (strcmp(element, "jobs") == 0)
		write_jobs(w, &queue->queue.jobs);
}

static void
write_queues(struct xml_writing *w, const struct configuration_queue_list *list, bool in_cluster)
{
	/* JQM writes a time to live of 0 in its files of queues, and knows none in a cluster's. */
	const struct read_queue usual = { .queue = { .time_to_live = { in_cluster, 0 } } };

	xml_write_open(w, "queues");
	for (size_t i = 0; i < list->len; i++) {
		const struct read_queue queue = { .queue = list->items[i] };

		xml_write_open(w, "queue");
		write_fields(w, &configuration_xml_queue, &queue, &usual,
			     in_cluster ? write_of_queue_in_cluster : write_of_queue);
		xml_write_close(w, "queue");
	}
	xml_write_close(w, "queues");
}

static void
write_of_resource(struct xml_writing *w, const char *element, const void *object)
{
	const struct read_resource *resource = object;

	write_parameters(w, element, &resource->resource.parameters);
}

static void
write_resources(struct xml_writing *w, const struct configuration_resource_list *list)
{
	static const struct read_resource usual;

	xml_write_open(w, "resources");
	for (size_t i = 0; i < list->len; i++) {
		const struct read_resource resource = { .resource = list->items[i] };

		xml_write_open(w, "resource");
		write_fields(w, &configuration_xml_resource, &resource, &usual, write_of_resource);
		xml_write_close(w, "resource");
	}
	xml_write_close(w, "resources");
}

void
configuration_xml_write(const struct configuration *configuration, enum configuration_scope scope,
			struct buf *out)
{
	struct xml_writing w = { out, 0 };
	const char *default_queue = configuration->default_queue;

	buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	if (scope == CONFIGURATION_RESOURCES) {
		write_resources(&w, &configuration->resources);
		return;
	}
	xml_write_open(&w, "jqm");
	if (default_queue != NULL || scope == CONFIGURATION_ALL)
		xml_write_element(&w, "defaultQueueName",
				  default_queue == NULL ? "" : default_queue);
	if (scope == CONFIGURATION_ALL)
		write_nodes(&w, &configuration->nodes);
	write_queues(&w, &configuration->queues, scope == CONFIGURATION_ALL);
	if (scope == CONFIGURATION_ALL) {
		write_parameters(&w, "globalParameters", &configuration->parameters);
		write_resources(&w, &configuration->resources);
	}
	xml_write_close(&w, "jqm");
}
