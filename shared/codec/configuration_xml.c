/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/configuration_xml.h"

#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "codec/configuration_xml_tables.h"
#include "codec/xml_names.h"
#include "codec/xml_reader.h"
#include "model/configuration.h"
#include "model/job_def.h"
#include "model/memory.h"
#include "model/problem_list.h"

/* Of one kind in one list: beyond it something made the file that is no administrator. */
#define ITEMS_MAX 10000

struct reading {
	struct memory *memory;
	struct configuration *out;
	struct problem_list *problems;
	enum configuration_scope scope;
};

/* Note what is wrong and go on with the next. */
static void
note(struct reading *r, struct err *err)
{
	problem_list_add(r->problems, r->memory, err);
}

/* Is element the one that may stand in its parent, without text beside it?  Else it is a problem. */
static bool
is_item(struct reading *r, const struct xml_element *element, const char *name)
{
	struct err err = ERR_INIT;

	if (strcmp(element->name, name) == 0)
		return true;
	(void)err_set(&err, ERR_INVALID,
		      "line %d: element \"%.*s\" is unknown here, where \"%s\" may stand",
		      element->line, STR_CUT(element->name, 60), name);
	note(r, &err);
	return false;
}

static void
check_list_text(struct reading *r, const struct xml_element *list)
{
	struct err err = ERR_INIT;

	if (xml_is_blank(list->text))
		return;
	(void)err_set(&err, ERR_INVALID, "line %d: there is text between elements of \"%.*s\"",
		      list->line, STR_CUT(list->name, 60));
	note(r, &err);
}

/* A section's children into an array of size; each is read by read_one(), -1 leaves it out. */
static size_t
read_list(struct reading *r, const struct xml_element *list, const char *item, void *items,
	  size_t size,
	  int (*read_one)(struct reading *r, const struct xml_element *element, void *out,
			  struct err *err))
{
	struct err err = ERR_INIT;
	size_t len = 0;

	check_list_text(r, list);
	for (const struct xml_element *at = list->children; at != NULL; at = at->next) {
		if (!is_item(r, at, item))
			continue;
		if (len == ITEMS_MAX) {
			(void)err_set(&err, ERR_INVALID,
				      "line %d: there are more than %d \"%s\" in \"%s\"", at->line,
				      ITEMS_MAX, item, list->name);
			note(r, &err);
			return len;
		}
		if (read_one(r, at, (char *)items + len * size, &err) == -1)
			note(r, &err);
		else
			len++;
	}
	return len;
}

/* Names that stand twice are problems; name_at: of the const char * behind an int64_t line. */
static void
check_unique(struct reading *r, const void *items, size_t len, size_t size, size_t name_at,
	     const char *what)
{
	struct xml_name *names = memory_alloc_array(r->memory, len, sizeof(*names));
	struct err err = ERR_INIT;

	for (size_t i = 0; i < len; i++) {
		const char *item = (const char *)items + i * size;
		int64_t line;

		memcpy(&line, item, sizeof(line));
		memcpy(&names[i].name, item + name_at, sizeof(names[i].name));
		names[i].line = (int)line;
	}
	if (xml_names_check(names, len, what, &err) == -1)
		note(r, &err);
}

/* --- nodes, parameters --- */

static int
read_node(struct reading *r, const struct xml_element *element, void *out, struct err *err)
{
	struct configuration_node node = { .line = element->line };

	if (xml_fields_read(element, &configuration_xml_node, &node, r->memory, err) == -1)
		return -1;
	memcpy(out, &node, sizeof(node));
	return 0;
}

static int
read_parameter(struct reading *r, const struct xml_element *element, void *out, struct err *err)
{
	struct configuration_parameter parameter = { .line = element->line };

	if (xml_fields_read(element, &configuration_xml_parameter, &parameter, r->memory, err) ==
	    -1)
		return -1;
	memcpy(out, &parameter, sizeof(parameter));
	return 0;
}

static void
read_parameters(struct reading *r, const struct xml_element *element,
		struct configuration_parameter_list *out)
{
	size_t n = xml_children_count(element, "parameter");

	if (element == NULL)
		return;
	out->items = memory_alloc_array(r->memory, n, sizeof(out->items[0]));
	out->len =
	    read_list(r, element, "parameter", out->items, sizeof(out->items[0]), read_parameter);
	check_unique(r, out->items, out->len, sizeof(out->items[0]),
		     offsetof(struct configuration_parameter, key), "parameter");
}

/* --- queues --- */

static int
read_mapping(struct reading *r, const struct xml_element *element, void *out, struct err *err)
{
	struct configuration_mapping mapping = { .line = element->line };

	if (xml_fields_read(element, &configuration_xml_mapping, &mapping, r->memory, err) == -1)
		return -1;
	memcpy(out, &mapping, sizeof(mapping));
	return 0;
}

static void
read_mappings(struct reading *r, const struct xml_element *element,
	      struct configuration_mapping_list *out)
{
	size_t n = xml_children_count(element, "mapping");

	if (element == NULL)
		return;
	out->items = memory_alloc_array(r->memory, n, sizeof(out->items[0]));
	out->len =
	    read_list(r, element, "mapping", out->items, sizeof(out->items[0]), read_mapping);
	check_unique(r, out->items, out->len, sizeof(out->items[0]),
		     offsetof(struct configuration_mapping, node), "mapping to node");
}

/* Names of definitions. */
static void
read_jobs(struct reading *r, const struct xml_element *element, struct text_list *out)
{
	struct err err = ERR_INIT;

	if (element == NULL)
		return;
	out->items = memory_alloc_array(r->memory, xml_children_count(element, "applicationName"),
					sizeof(out->items[0]));
	check_list_text(r, element);
	for (const struct xml_element *at = element->children; at != NULL; at = at->next) {
		if (!is_item(r, at, "applicationName"))
			continue;
		if (at->children == NULL) {
			out->items[out->len++] = xml_trimmed(at, r->memory);
			continue;
		}
		(void)err_set(&err, ERR_INVALID,
			      "line %d: \"applicationName\" may not contain \"%.*s\"", at->line,
			      STR_CUT(at->children->name, 60));
		note(r, &err);
	}
}

static int
read_queue(struct reading *r, const struct xml_element *element, void *out, struct err *err)
{
	struct read_queue queue = { .queue = { .line = element->line } };

	if (xml_fields_read(element, &configuration_xml_queue, &queue, r->memory, err) == -1)
		return -1;
	if (r->scope == CONFIGURATION_QUEUES && queue.mappings != NULL)
		return err_set(
		    err, ERR_INVALID,
		    "line %d: queue \"%s\": a file of queues has no \"mappings\": import "
		    "it as a configuration",
		    queue.mappings->line, queue.queue.name);
	read_mappings(r, queue.mappings, &queue.queue.mappings);
	read_jobs(r, queue.jobs, &queue.queue.jobs);
	memcpy(out, &queue.queue, sizeof(queue.queue));
	return 0;
}

/* --- resources --- */

static int
check_attribute_text(const struct xml_element *element, const struct xml_fields *table,
		     const char *field, const char *value, struct err *err)
{
	for (size_t i = 0; i < table->texts_len; i++)
		if (strcmp(table->texts[i].field, field) == 0 &&
		    model_text_check(&table->texts[i], value, err) == -1)
			return err_prefix(err, "line %d: resource", element->line);
	return 0;
}

static int
read_singleton(const struct xml_element *element, const char *value, bool *out, struct err *err)
{
	if (strcmp(value, "true") == 0 || strcmp(value, "1") == 0)
		*out = true;
	else if (strcmp(value, "false") == 0 || strcmp(value, "0") == 0)
		*out = false;
	else
		return err_set(err, ERR_INVALID,
			       "line %d: resource: \"singleton\" must be true, false, 1 or 0, not "
			       "\"%.*s\"",
			       element->line, STR_CUT(value, 60));
	return 0;
}

/* As in JQM's local resources file: what has no meaning of its own is a parameter. */
static int
read_attributes(struct reading *r, const struct xml_element *element,
		struct configuration_resource *out, struct err *err)
{
	const struct {
		const char *attribute, *element;
		const char **member;
	} texts[] = {
		{ "name", "alias", &out->alias },
		{ "type", "type", &out->type },
		{ "factory", "factory", &out->factory },
		{ "description", "description", &out->description },
		{ "auth", "auth", &out->auth },
	};
	size_t n = 0;

	for (const struct xml_attribute *at = element->attributes; at != NULL; at = at->next)
		n++;
	out->parameters.items = memory_alloc_array(r->memory, n, sizeof(out->parameters.items[0]));
	for (const struct xml_attribute *at = element->attributes; at != NULL; at = at->next) {
		size_t i = 0, texts_len = sizeof(texts) / sizeof(texts[0]);

		while (i < texts_len && strcmp(texts[i].attribute, at->name) != 0)
			i++;
		if (i < texts_len)
			*texts[i].member = at->value;
		else if (strcmp(at->name, "singleton") != 0)
			out->parameters.items[out->parameters.len++] =
			    (struct configuration_parameter){ element->line, at->name, at->value };
		else if (read_singleton(element, at->value, &out->singleton, err) == -1)
			return -1;
	}
	if (out->alias != NULL)
		out->alias = xml_trimmed_text(out->alias, r->memory);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (check_attribute_text(element, &configuration_xml_resource, texts[i].element,
					 *texts[i].member, err) == -1)
			return -1;
	for (size_t i = 0; i < out->parameters.len; i++)
		if (check_attribute_text(element, &configuration_xml_parameter, "key",
					 out->parameters.items[i].key, err) == -1 ||
		    check_attribute_text(element, &configuration_xml_parameter, "value",
					 out->parameters.items[i].value, err) == -1)
			return -1;
	return 0;
}

static int
read_resource(struct reading *r, const struct xml_element *element, void *out, struct err *err)
{
	struct read_resource resource = { .resource = { .line = element->line } };
	int rc;

	if (element->attributes != NULL && element->children != NULL)
		return err_set(err, ERR_INVALID,
			       "line %d: a resource has attributes or elements, not both",
			       element->line);
	if (element->attributes != NULL)
		rc = read_attributes(r, element, &resource.resource, err);
	else
		rc = xml_fields_read(element, &configuration_xml_resource, &resource, r->memory,
				     err);
	if (rc == -1)
		return -1;
	if (resource.parameters != NULL)
		read_parameters(r, resource.parameters, &resource.resource.parameters);
	memcpy(out, &resource.resource, sizeof(resource.resource));
	return 0;
}

/* --- sections --- */

static void
read_nodes(struct reading *r, const struct xml_element *section)
{
	struct configuration_node_list *out = &r->out->nodes;

	out->items = memory_alloc_array(r->memory, xml_children_count(section, "node"),
					sizeof(out->items[0]));
	out->len = read_list(r, section, "node", out->items, sizeof(out->items[0]), read_node);
	check_unique(r, out->items, out->len, sizeof(out->items[0]),
		     offsetof(struct configuration_node, name), "node");
}

static void
read_queues(struct reading *r, const struct xml_element *section)
{
	struct configuration_queue_list *out = &r->out->queues;

	out->items = memory_alloc_array(r->memory, xml_children_count(section, "queue"),
					sizeof(out->items[0]));
	out->len = read_list(r, section, "queue", out->items, sizeof(out->items[0]), read_queue);
	check_unique(r, out->items, out->len, sizeof(out->items[0]),
		     offsetof(struct configuration_queue, name), "queue");
}

static void
read_global_parameters(struct reading *r, const struct xml_element *section)
{
	read_parameters(r, section, &r->out->parameters);
}

static void
read_resources(struct reading *r, const struct xml_element *section)
{
	struct configuration_resource_list *out = &r->out->resources;

	out->items = memory_alloc_array(r->memory, xml_children_count(section, "resource"),
					sizeof(out->items[0]));
	out->len =
	    read_list(r, section, "resource", out->items, sizeof(out->items[0]), read_resource);
	check_unique(r, out->items, out->len, sizeof(out->items[0]),
		     offsetof(struct configuration_resource, alias), "resource");
}

/* An empty one says nothing. */
static void
read_default_queue(struct reading *r, const struct xml_element *section)
{
	const char *name = xml_trimmed(section, r->memory);

	if (name[0] == '\0')
		return;
	r->out->default_queue = name;
	r->out->default_queue_line = section->line;
}

static const struct {
	const char *name;
	enum configuration_scope scope; /* besides CONFIGURATION_ALL */
	void (*read)(struct reading *r, const struct xml_element *section);
} sections[] = {
	{ "defaultQueueName", CONFIGURATION_QUEUES, read_default_queue },
	{ "nodes", CONFIGURATION_ALL, read_nodes },
	{ "queues", CONFIGURATION_QUEUES, read_queues },
	{ "globalParameters", CONFIGURATION_ALL, read_global_parameters },
	{ "resources", CONFIGURATION_RESOURCES, read_resources },
};
#define SECTIONS (sizeof(sections) / sizeof(sections[0]))

static void
read_section(struct reading *r, const struct xml_element *element, unsigned *seen)
{
	struct err err = ERR_INIT;
	size_t i = 0;

	while (i < SECTIONS && strcmp(sections[i].name, element->name) != 0)
		i++;
	if (i == SECTIONS)
		(void)err_set(&err, ERR_INVALID, "line %d: element \"%.*s\" is unknown here",
			      element->line, STR_CUT(element->name, 60));
	else if ((*seen & (1u << i)) != 0)
		(void)err_set(&err, ERR_INVALID, "line %d: element \"%s\" stands twice",
			      element->line, element->name);
	else if (r->scope != CONFIGURATION_ALL && r->scope != sections[i].scope)
		(void)err_set(&err, ERR_INVALID,
			      "line %d: a file of %s has no \"%s\": import it as a configuration",
			      element->line,
			      r->scope == CONFIGURATION_QUEUES ? "queues" : "resources",
			      element->name);
	if (err.kind != ERR_NONE) {
		note(r, &err);
		return;
	}
	*seen |= 1u << i;
	sections[i].read(r, element);
}

/* Resources may have attributes, nothing else may. */
static int
check_plain(const struct xml_element *root, struct err *err)
{
	if (root->name_space != NULL)
		return xml_plain_check(root, err);
	for (const struct xml_element *at = root->children; at != NULL; at = at->next) {
		if (strcmp(at->name, "resource") == 0 && at->attributes != NULL &&
		    at->name_space == NULL)
			continue; /* one with elements besides is refused where it is read */
		if ((strcmp(at->name, "resources") == 0 ? check_plain(at, err)
							: xml_plain_check(at, err)) == -1)
			return -1;
	}
	return 0;
}

static void
read_root(struct reading *r, const struct xml_element *root)
{
	struct err err = ERR_INIT;
	unsigned seen = 0;

	if (strcmp(root->name, "queues") == 0 || strcmp(root->name, "resources") == 0) {
		read_section(r, root, &seen);
		return;
	}
	if (strcmp(root->name, "jqm") != 0) {
		(void)err_set(
		    &err, ERR_INVALID,
		    "line %d: the root is \"%.*s\", not \"jqm\", \"queues\" or \"resources\"",
		    root->line, STR_CUT(root->name, 60));
		note(r, &err);
		return;
	}
	check_list_text(r, root);
	for (const struct xml_element *at = root->children; at != NULL; at = at->next)
		read_section(r, at, &seen);
	if (seen == 0 && r->problems->count == 0)
		problem_list_add_text(r->problems, r->memory, "the file describes nothing");
}

int
configuration_xml_read(const char *data, size_t len, enum configuration_scope scope,
		       struct memory *memory, struct configuration *out,
		       struct problem_list *problems, struct err *err)
{
	struct reading r = { memory, out, problems, scope };
	struct xml_element *root;

	memset(out, 0, sizeof(*out));
	if (xml_read(data, len, memory, &root, err) == -1 || check_plain(root, err) == -1)
		return -1;
	read_root(&r, root);
	return problem_list_check(problems, err);
}
