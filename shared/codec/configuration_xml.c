/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/configuration_xml.h"

#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "codec/configuration_xml_tables.h"
#include "codec/xml_around.h"
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

typedef void read_item_fn(struct reading *r, const struct xml_element *element, void *out);

/* A section's children into an array of size; what is wrong with one does not matter to the others. */
static size_t
read_list(struct reading *r, const struct xml_element *list, const char *item, void *items,
	  size_t size, read_item_fn *read_one)
{
	struct err err = ERR_INIT;
	size_t len = 0;

	xml_list_check(list, r->memory, r->problems);
	for (const struct xml_element *at = list->children; at != NULL; at = at->next) {
		if (!xml_item_check(at, item, r->memory, r->problems))
			continue;
		if (len == ITEMS_MAX) {
			(void)err_set(&err, ERR_INVALID,
				      "line %d: there are more than %d \"%s\" in \"%s\"", at->line,
				      ITEMS_MAX, item, list->name);
			note(r, &err);
			return len;
		}
		read_one(r, at, (char *)items + len++ * size);
	}
	return len;
}

/* Names that stand twice are problems; name_at: of the const char * behind an int64_t line.  None or "" is another one. */
static void
check_unique(struct reading *r, const void *items, size_t len, size_t size, size_t name_at,
	     const char *what)
{
	struct xml_name *names = memory_alloc_array(r->memory, len, sizeof(*names));
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		const char *item = (const char *)items + i * size;
		int64_t line;

		memcpy(&line, item, sizeof(line));
		memcpy(&names[n].name, item + name_at, sizeof(names[n].name));
		names[n].line = (int)line;
		n += names[n].name != NULL && names[n].name[0] != '\0';
	}
	xml_names_check(names, n, what, r->memory, r->problems);
}

/* --- nodes, parameters --- */

static void
read_node(struct reading *r, const struct xml_element *element, void *out)
{
	struct configuration_node node = { .line = element->line };

	(void)xml_fields_read(element, &configuration_xml_node, &node, r->memory, r->problems);
	memcpy(out, &node, sizeof(node));
}

static void
read_parameter(struct reading *r, const struct xml_element *element, void *out)
{
	struct configuration_parameter parameter = { .line = element->line };

	(void)xml_fields_read(element, &configuration_xml_parameter, &parameter, r->memory,
			      r->problems);
	memcpy(out, &parameter, sizeof(parameter));
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

static void
read_mapping(struct reading *r, const struct xml_element *element, void *out)
{
	struct configuration_mapping mapping = { .line = element->line };

	(void)xml_fields_read(element, &configuration_xml_mapping, &mapping, r->memory,
			      r->problems);
	memcpy(out, &mapping, sizeof(mapping));
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
	xml_list_check(element, r->memory, r->problems);
	for (const struct xml_element *at = element->children; at != NULL; at = at->next) {
		if (!xml_item_check(at, "applicationName", r->memory, r->problems))
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

static void
read_queue(struct reading *r, const struct xml_element *element, void *out)
{
	struct read_queue queue = { .queue = { .line = element->line } };
	struct err err = ERR_INIT;

	(void)xml_fields_read(element, &configuration_xml_queue, &queue, r->memory, r->problems);
	if (r->scope == CONFIGURATION_QUEUES && queue.mappings != NULL) {
		(void)err_set(&err, ERR_INVALID,
			      "line %d: queue \"%.*s\": a file of queues has no \"mappings\": "
			      "import it as a configuration",
			      queue.mappings->line,
			      STR_CUT(queue.queue.name == NULL ? "" : queue.queue.name, 100));
		note(r, &err);
	}
	read_mappings(r, queue.mappings, &queue.queue.mappings);
	read_jobs(r, queue.jobs, &queue.queue.jobs);
	memcpy(out, &queue.queue, sizeof(queue.queue));
}

/* --- resources --- */

/* Note "line N: resource "x": " and what is wrong with the member or parameter. */
static void
check_attribute(struct reading *r, const struct configuration_resource *resource,
		const struct xml_fields *table, const char *field, const char *value)
{
	const char *alias = resource->alias == NULL ? "" : resource->alias;
	struct err err = ERR_INIT;

	for (size_t i = 0; i < table->texts_len; i++) {
		if (strcmp(table->texts[i].field, field) != 0 ||
		    model_text_check(&table->texts[i], value, &err) == 0)
			continue;
		(void)err_prefix(&err, "line %d: resource \"%.*s\"", (int)resource->line,
				 STR_CUT(alias, 100));
		note(r, &err);
	}
}

static void
read_singleton(struct reading *r, const char *value, struct configuration_resource *out)
{
	struct err err = ERR_INIT;

	out->singleton = strcmp(value, "true") == 0 || strcmp(value, "1") == 0;
	if (out->singleton || strcmp(value, "false") == 0 || strcmp(value, "0") == 0)
		return;
	(void)err_set(&err, ERR_INVALID,
		      "line %d: resource: \"singleton\" must be true, false, 1 or 0, not \"%.*s\"",
		      (int)out->line, STR_CUT(value, 60));
	note(r, &err);
}

/* As in JQM's local resources file: what has no meaning of its own is a parameter. */
static void
read_attributes(struct reading *r, const struct xml_element *element,
		struct configuration_resource *out)
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
	const size_t texts_len = sizeof(texts) / sizeof(texts[0]);
	size_t n = 0;

	for (const struct xml_attribute *at = element->attributes; at != NULL; at = at->next)
		n++;
	out->parameters.items = memory_alloc_array(r->memory, n, sizeof(out->parameters.items[0]));
	for (const struct xml_attribute *at = element->attributes; at != NULL; at = at->next) {
		size_t i = 0;

		while (i < texts_len && strcmp(texts[i].attribute, at->name) != 0)
			i++;
		if (i < texts_len)
			*texts[i].member = at->value;
		else if (strcmp(at->name, "singleton") == 0)
			read_singleton(r, at->value, out);
		else
			out->parameters.items[out->parameters.len++] =
			    (struct configuration_parameter){ element->line, at->name, at->value };
	}
	if (out->alias != NULL)
		out->alias = xml_trimmed_text(out->alias, r->memory);
	for (size_t i = 0; i < texts_len; i++)
		check_attribute(r, out, &configuration_xml_resource, texts[i].element,
				*texts[i].member);
	for (size_t i = 0; i < out->parameters.len; i++) {
		check_attribute(r, out, &configuration_xml_parameter, "key",
				out->parameters.items[i].key);
		check_attribute(r, out, &configuration_xml_parameter, "value",
				out->parameters.items[i].value);
	}
}

static void
read_resource(struct reading *r, const struct xml_element *element, void *out)
{
	struct read_resource resource = { .resource = { .line = element->line } };
	struct err err = ERR_INIT;

	if (element->attributes != NULL && element->children != NULL) {
		(void)err_set(&err, ERR_INVALID,
			      "line %d: a resource has attributes or elements, not both",
			      element->line);
		note(r, &err);
	} else if (element->attributes != NULL) {
		read_attributes(r, element, &resource.resource);
	} else {
		(void)xml_fields_read(element, &configuration_xml_resource, &resource, r->memory,
				      r->problems);
	}
	if (resource.parameters != NULL)
		read_parameters(r, resource.parameters, &resource.resource.parameters);
	memcpy(out, &resource.resource, sizeof(resource.resource));
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

/* What is read whatever stands around it, as JQM reads its files that have no schema; NULL: nothing. */
static const char *
item_anywhere(const struct reading *r)
{
	static const char *const items[] = { [CONFIGURATION_ALL] = NULL,
					     [CONFIGURATION_QUEUES] = "queue",
					     [CONFIGURATION_RESOURCES] = "resource" };

	return items[r->scope];
}

/* Is there only a place for items in it? */
static bool
is_around(const struct reading *r, const struct xml_element *element)
{
	const char *item = item_anywhere(r);

	return item != NULL && strcmp(element->name, item) != 0 && xml_holds(element, item);
}

/* Resources may have attributes, and what stands around things; nothing else may. */
static void
check_plain(struct reading *r, const struct xml_element *element)
{
	if (element->name_space != NULL) {
		(void)xml_plain_check(element, r->memory, r->problems);
		return;
	}
	if (strcmp(element->name, "resource") == 0 && element->attributes != NULL)
		return; /* one with elements besides is refused where it is read */
	for (const struct xml_element *at = element->children; at != NULL; at = at->next)
		if (strcmp(at->name, "resource") == 0 || strcmp(at->name, "resources") == 0 ||
		    is_around(r, at))
			check_plain(r, at);
		else
			(void)xml_plain_check(at, r->memory, r->problems);
}

/* All items there are, in the place of the section that has them. */
static void
read_found(struct reading *r, const struct xml_element *root, struct xml_found *found)
{
	struct xml_element section = { .line = root->line, .text = "", .children = found->first };
	unsigned seen = 0;

	if (found->first == NULL)
		return;
	section.name = r->scope == CONFIGURATION_QUEUES ? "queues" : "resources";
	read_section(r, &section, &seen);
}

static void
read_root(struct reading *r, const struct xml_element *root)
{
	struct xml_found found = { NULL, &found.first };
	struct err err = ERR_INIT;
	unsigned seen = 0;

	if (strcmp(root->name, "jqm") == 0) {
		xml_list_check(root, r->memory, r->problems);
		for (const struct xml_element *at = root->children; at != NULL; at = at->next)
			if (item_anywhere(r) != NULL && xml_holds(at, item_anywhere(r)))
				xml_find(at, item_anywhere(r), &found, r->memory, r->problems);
			else
				read_section(r, at, &seen);
		read_found(r, root, &found);
		if (seen == 0 && found.first == NULL && r->problems->count == 0)
			problem_list_add_text(r->problems, r->memory, "the file describes nothing");
	} else if (item_anywhere(r) != NULL && xml_holds(root, item_anywhere(r))) {
		xml_find(root, item_anywhere(r), &found, r->memory, r->problems);
		read_found(r, root, &found);
	} else if (strcmp(root->name, "queues") == 0 || strcmp(root->name, "resources") == 0) {
		read_section(r, root, &seen);
	} else {
		(void)err_set(
		    &err, ERR_INVALID,
		    "line %d: the root is \"%.*s\", not \"jqm\", \"queues\" or \"resources\"",
		    root->line, STR_CUT(root->name, 60));
		note(r, &err);
	}
}

int
configuration_xml_read(const char *data, size_t len, enum configuration_scope scope,
		       struct memory *memory, struct configuration *out,
		       struct problem_list *problems, struct err *err)
{
	struct reading r = { memory, out, problems, scope };
	struct xml_element *root;

	memset(out, 0, sizeof(*out));
	if (xml_read(data, len, memory, &root, err) == -1)
		return -1;
	check_plain(&r, root);
	read_root(&r, root);
	return problem_list_check(problems, err);
}
