/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/job_def_xml.h"

#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "base/str.h"
#include "codec/job_def_xml_tables.h"
#include "codec/parameter_type_xml.h"
#include "codec/xml_names.h"
#include "codec/xml_reader.h"
#include "model/job_def.h"
#include "model/memory.h"
#include "model/problem_list.h"

#define LEN(table) (sizeof(table) / sizeof((table)[0]))
#define ROWS(name, rows) .what = (name), .fields = (rows).fields, .fields_len = (rows).len
#define TABLE(name, rows) .what = (name), .fields = (rows), .fields_len = LEN(rows)
#define DEF_RANGES                                                                          \
	.texts = job_def_texts, .texts_len = job_def_texts_len, .numbers = job_def_numbers, \
	.numbers_len = job_def_numbers_len

/* What a jar says, for all its definitions. */
struct jar {
	const char *path;
	const char *path_type;
	const struct xml_element *definitions;
};

/* Where tables without members write nothing. */
static char no_members;

static const struct xml_field root_fields[] = {
	{ "jar", XML_MANY, 0, true },
	{ "context", XML_MANY, 0, false },
};
static const struct xml_fields root_table = { TABLE("file", root_fields) };

static const struct xml_field jar_fields[] = {
	{ "path", XML_TRIMMED, offsetof(struct jar, path), true },
	{ "filePath", XML_DROPPED, 0, false },
	{ "pathType", XML_TRIMMED, offsetof(struct jar, path_type), false },
	{ "jobdefinitions", XML_ELEMENT, offsetof(struct jar, definitions), true },
};

static const struct xml_field list_fields[] = { { "jobDefinition", XML_MANY, 0, true } };
static const struct xml_fields list_table = { TABLE("jar", list_fields) };

static const struct xml_field handlers_fields[] = { { "handler", XML_MANY, 0, false } };
static const struct xml_fields handlers_table = { TABLE("context", handlers_fields) };

static const struct xml_field handler_fields[] = {
	{ "className", XML_TRIMMED, offsetof(struct read_handler, handler.class_name), true },
	{ "event", XML_TRIMMED, offsetof(struct read_handler, event), true },
	{ "parameters", XML_ELEMENT, offsetof(struct read_handler, parameters), false },
};
static const struct xml_fields handler_table = { TABLE("handler", handler_fields) };

static const struct xml_field parameters_fields[] = { { "parameter", XML_MANY, 0, false } };
static const struct xml_fields parameters_table = { TABLE("parameters", parameters_fields) };

static const struct xml_field parameter_fields[] = {
	{ "key", XML_TEXT, offsetof(struct text_pair, key), true },
	{ "value", XML_TEXT, offsetof(struct text_pair, value), false },
	{ "secret", XML_BOOL, offsetof(struct text_pair, secret), false },
};
static const struct xml_fields parameter_table = { TABLE("parameter", parameter_fields) };

typedef int check_parameter_fn(const char *key, const char *value, struct err *err);

/* Read a parameters element (NULL: none) into map. */
static int
read_parameters(const struct xml_element *element, check_parameter_fn *check, struct memory *memory,
		struct text_map *map, struct err *err)
{
	size_t n = xml_children_count(element, "parameter");

	if (element == NULL)
		return 0;
	if (n > PARAMETERS_MAX)
		return err_set(err, ERR_INVALID,
			       "line %d: there are %zu parameters, at most %d are allowed",
			       element->line, n, PARAMETERS_MAX);
	if (xml_fields_read(element, &parameters_table, &no_members, memory, err) == -1)
		return -1;
	text_map_room(map, memory, n);
	for (const struct xml_element *at = element->children; at != NULL; at = at->next) {
		struct text_pair pair = { NULL, NULL, false };

		if (xml_fields_read(at, &parameter_table, &pair, memory, err) == -1)
			return -1;
		if (pair.value == NULL && !pair.secret)
			return err_set(err, ERR_INVALID, "line %d: parameter: \"value\" is missing",
				       at->line);
		if (pair.value == NULL) /* an export does not tell it: it stays */
			pair.value = SECRET_MASK;
		if (check(pair.key, pair.value, err) == -1)
			return err_prefix(err, "line %d", at->line);
		if (text_map_get(map, pair.key) != NULL)
			return err_set(err, ERR_INVALID, "line %d: parameter \"%s\" stands twice",
				       at->line, pair.key);
		text_map_put_pair(map, &pair);
	}
	return 0;
}

/* "1,2, 75" into retry: numbers of 1 to 255, parted by commas. */
static int
read_exit_codes(const char *text, struct memory *memory, struct job_def_retry *retry,
		struct err *err)
{
	size_t max = 1;

	for (const char *at = text; *at != '\0'; at++)
		max += *at == ',';
	if (max > EXIT_CODES_MAX)
		return err_set(err, ERR_INVALID,
			       "\"exitCodes\" has %zu numbers, at most %d are allowed", max,
			       EXIT_CODES_MAX);
	retry->exit_codes = memory_alloc_array(memory, max, sizeof(retry->exit_codes[0]));
	for (;;) {
		size_t len = strcspn(text, ",");
		char *one = memory_alloc(memory, len + 1);
		int64_t code;

		memcpy(one, text, len);
		if (num_int64(str_trim(one), 1, 255, &code) == -1)
			return err_set(err, ERR_INVALID,
				       "\"exitCodes\" must be numbers from 1 to 255 parted by "
				       "commas; \"%.*s\" is none",
				       STR_CUT(one, 60));
		retry->exit_codes[retry->exit_codes_len++] = (int)code;
		if (text[len] == '\0')
			return 0;
		text += len + 1;
	}
}

/* The elements of ours that have children; r's own are read. */
static int
read_rules(struct read_def *r, struct memory *memory, struct err *err)
{
	const char *what = memory_printf(memory, "definition \"%s\"", r->def.name);
	const struct xml_fields limits = { ROWS(what, job_def_xml_limits), DEF_RANGES };
	const struct xml_fields retry = { ROWS(what, job_def_xml_retry), DEF_RANGES };
	const struct xml_element *codes = xml_child(r->retry, "exitCodes");

	if (r->limits != NULL && xml_fields_read(r->limits, &limits, r, memory, err) == -1)
		return -1;
	if (r->retry != NULL && xml_fields_read(r->retry, &retry, r, memory, err) == -1)
		return -1;
	if (codes != NULL && read_exit_codes(r->exit_codes, memory, &r->def.retry, err) == -1)
		return err_prefix(err, "line %d: %s", codes->line, what);
	return 0;
}

static int
read_def(const struct xml_element *element, const struct jar *jar, struct memory *memory,
	 struct job_def *out, struct err *err)
{
	const struct xml_fields table = { ROWS("definition", job_def_xml_definition), DEF_RANGES };
	struct read_def r = { .def = job_def_defaults };

	r.def.path = jar->path;
	r.def.path_type = jar->path_type;
	r.def.line = element->line;
	if (xml_fields_read(element, &table, &r, memory, err) == -1 ||
	    read_rules(&r, memory, err) == -1)
		return -1;
	if (read_parameters(r.parameters, job_def_parameter_check, memory, &r.def.parameters,
			    err) == -1 ||
	    parameter_types_xml_read(r.types, memory, &r.def.parameter_types, err) == -1)
		return err_prefix(err, "definition \"%s\"", r.def.name);
	if (job_def_check(&r.def, err) == -1)
		return err_prefix(err, "line %d", element->line);
	*out = r.def;
	return 0;
}

/* What is read, and what is wrong with the rest. */
struct reading {
	struct memory *memory;
	struct job_def_set set;
	struct problem_list *problems;
};

static void
read_jar(struct reading *r, const struct xml_element *element)
{
	const struct xml_fields table = { TABLE("jar", jar_fields), DEF_RANGES };
	struct jar jar = { .path_type = "FS" };
	struct err err = ERR_INIT;

	if (xml_fields_read(element, &table, &jar, r->memory, &err) == -1 ||
	    xml_fields_read(jar.definitions, &list_table, &no_members, r->memory, &err) == -1) {
		problem_list_add(r->problems, r->memory, &err);
		return;
	}
	for (const struct xml_element *at = jar.definitions->children; at != NULL; at = at->next)
		if (read_def(at, &jar, r->memory, &r->set.defs[r->set.defs_len], &err) == -1)
			problem_list_add(r->problems, r->memory, &err);
		else
			r->set.defs_len++;
}

static int
read_handler(const struct xml_element *element, struct memory *memory, struct event_handler *out,
	     struct err *err)
{
	struct read_handler r = { .event = NULL };

	if (xml_fields_read(element, &handler_table, &r, memory, err) == -1 ||
	    read_parameters(r.parameters, parameter_check, memory, &r.handler.parameters, err) ==
		-1)
		return -1;
	if (text_map_has_secrets(&r.handler.parameters))
		return err_set(err, ERR_INVALID, "line %d: a handler has no secret parameters",
			       element->line);
	if (strcmp(r.event, "JI_STARTING") != 0)
		return err_set(err, ERR_INVALID,
			       "line %d: the only event is JI_STARTING, not \"%.*s\"",
			       element->line, STR_CUT(r.event, 60));
	*out = r.handler;
	return 0;
}

static int
read_context(const struct xml_element *element, struct memory *memory,
	     struct execution_context *out, struct err *err)
{
	const struct xml_fields table = { ROWS("context", job_def_xml_context),
					  .texts = execution_context_texts,
					  .texts_len = execution_context_texts_len };
	struct read_context r = { .context = { .persistent = true, .line = element->line } };

	if (xml_fields_read(element, &table, &r, memory, err) == -1)
		return -1;
	if (r.handlers != NULL) {
		if (xml_fields_read(r.handlers, &handlers_table, &no_members, memory, err) == -1)
			return -1;
		r.context.handlers =
		    memory_alloc_array(memory, xml_children_count(r.handlers, "handler"),
				       sizeof(r.context.handlers[0]));
		for (const struct xml_element *at = r.handlers->children; at != NULL; at = at->next)
			if (read_handler(at, memory, &r.context.handlers[r.context.handlers_len++],
					 err) == -1)
				return err_prefix(err, "context \"%s\"", r.context.name);
	}
	if (execution_context_check(&r.context, err) == -1)
		return err_prefix(err, "line %d", element->line);
	*out = r.context;
	return 0;
}

static int
check_names(const struct job_def_set *set, struct memory *memory, struct err *err)
{
	size_t max = set->defs_len + set->contexts_len;
	struct xml_name *list = memory_alloc_array(memory, max, sizeof(*list));

	for (size_t i = 0; i < set->defs_len; i++)
		list[i] = (struct xml_name){ set->defs[i].name, set->defs[i].line };
	if (xml_names_check(list, set->defs_len, "definition", err) == -1)
		return -1;
	for (size_t i = 0; i < set->contexts_len; i++)
		list[i] = (struct xml_name){ set->contexts[i].name, set->contexts[i].line };
	return xml_names_check(list, set->contexts_len, "context", err);
}

/* Room for all that the root's children describe. */
static void
make_room(const struct xml_element *root, struct memory *memory, struct job_def_set *out)
{
	size_t defs = 0;

	for (const struct xml_element *jar = xml_child(root, "jar"); jar != NULL;
	     jar = xml_sibling(jar))
		defs += xml_children_count(xml_child(jar, "jobdefinitions"), "jobDefinition");
	out->defs = memory_alloc_array(memory, defs, sizeof(out->defs[0]));
	out->contexts = memory_alloc_array(memory, xml_children_count(root, "context"),
					   sizeof(out->contexts[0]));
}

int
job_def_xml_read_all(const char *data, size_t len, struct memory *memory, struct job_def_set *out,
		     struct problem_list *problems, struct err *err)
{
	struct reading r = { memory, { NULL, 0, NULL, 0 }, problems };
	struct xml_element *root;

	if (xml_read(data, len, memory, &root, err) == -1)
		return -1;
	if (strcmp(root->name, "jqm") != 0)
		return err_set(err, ERR_INVALID, "line %d: the root is \"%.*s\", not \"jqm\"",
			       root->line, STR_CUT(root->name, 60));
	if (xml_plain_check(root, err) == -1 ||
	    xml_fields_read(root, &root_table, &no_members, memory, err) == -1)
		return -1;
	make_room(root, memory, &r.set);
	for (const struct xml_element *at = root->children; at != NULL; at = at->next) {
		if (strcmp(at->name, "jar") == 0)
			read_jar(&r, at);
		else if (read_context(at, memory, &r.set.contexts[r.set.contexts_len], err) == 0)
			r.set.contexts_len++;
		else
			problem_list_add(problems, memory, err);
	}
	if (check_names(&r.set, memory, err) == -1)
		problem_list_add(problems, memory, err);
	if (problem_list_check(problems, err) == -1)
		return -1;
	*out = r.set;
	return 0;
}

int
job_def_xml_read(const char *data, size_t len, struct memory *memory, struct job_def_set *out,
		 struct err *err)
{
	struct problem_list problems = { .len = 0 };

	if (job_def_xml_read_all(data, len, memory, out, &problems, err) == 0)
		return 0;
	return problems.count == 0 ? -1 : err_set(err, ERR_INVALID, "%s", problems.items[0]);
}
