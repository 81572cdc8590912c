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

static const struct xml_field handler_fields[] = {
	{ "className", XML_TRIMMED, offsetof(struct read_handler, handler.class_name), true },
	{ "event", XML_TRIMMED, offsetof(struct read_handler, event), true },
	{ "parameters", XML_ELEMENT, offsetof(struct read_handler, parameters), false },
};

static const struct xml_field parameters_fields[] = { { "parameter", XML_MANY, 0, false } };

static const struct xml_field parameter_fields[] = {
	{ "key", XML_TEXT, offsetof(struct text_pair, key), true },
	{ "value", XML_TEXT, offsetof(struct text_pair, value), false },
	{ "secret", XML_BOOL, offsetof(struct text_pair, secret), false },
};
/* What is read, and what is wrong with the rest; a set that has something wrong is nobody's. */
struct reading {
	struct memory *memory;
	struct job_def_set set;
	struct problem_list *problems;
};

/* Note "line N: WHAT: " and the failure, and go on. */
static void
note(struct reading *r, int line, const char *what, struct err *err)
{
	(void)err_prefix(err, "line %d: %s", line, what);
	problem_list_add(r->problems, r->memory, err);
}

/* The thing that name names, if it has one. */
static const char *
what_is(struct reading *r, const char *noun, const char *name)
{
	return name == NULL ? noun
			    : memory_printf(r->memory, "%s \"%.*s\"", noun, STR_CUT(name, 100));
}

/* A map on its way: whose parameters they are, and what they must be. */
struct parameters_reading {
	const char *what;
	struct xml_fields table;
	int (*check)(const char *key, const char *value, struct err *err);
	struct text_map *map;
};

static void
read_parameter(struct reading *r, const struct xml_element *element,
	       const struct parameters_reading *of)
{
	struct text_pair pair = { NULL, NULL, false };
	struct err err = ERR_INIT;

	if (xml_fields_read(element, &of->table, &pair, r->memory, r->problems) == -1)
		return;
	if (pair.value == NULL && !pair.secret) {
		(void)err_set(&err, ERR_INVALID, "\"value\" is missing");
		note(r, element->line, of->table.what, &err);
		return;
	}
	if (pair.value == NULL) /* an export does not tell it: it stays */
		pair.value = SECRET_MASK;
	if (of->check(pair.key, pair.value, &err) == 0 && text_map_get(of->map, pair.key) != NULL)
		(void)err_set(&err, ERR_INVALID, "parameter \"%s\" stands twice", pair.key);
	if (err.kind != ERR_NONE)
		note(r, element->line, of->what, &err);
	else
		text_map_put_pair(of->map, &pair);
}

/* Read a parameters element (NULL: none) of something into map. */
static void
read_parameters(struct reading *r, const struct xml_element *element, const char *what,
		int (*check)(const char *key, const char *value, struct err *err),
		struct text_map *map)
{
	const struct xml_fields table = { TABLE(what, parameters_fields) };
	struct parameters_reading of = { what, { TABLE(what, parameter_fields) }, check, map };
	size_t n = xml_children_count(element, "parameter");
	struct err err = ERR_INIT;

	if (element == NULL)
		return;
	of.table.what = memory_printf(r->memory, "%s: parameter", what);
	if (n > PARAMETERS_MAX) {
		(void)err_set(&err, ERR_INVALID, "there are %zu parameters, at most %d are allowed",
			      n, PARAMETERS_MAX);
		note(r, element->line, what, &err);
		return;
	}
	(void)xml_fields_read(element, &table, &no_members, r->memory, r->problems);
	text_map_room(map, r->memory, n);
	for (const struct xml_element *at = xml_child(element, "parameter"); at != NULL;
	     at = xml_sibling(at))
		read_parameter(r, at, &of);
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

static void
read_retry(struct reading *r, struct read_def *d, const char *what)
{
	const struct xml_fields table = { ROWS(what, job_def_xml_retry), DEF_RANGES };
	const struct xml_element *codes = xml_child(d->retry, "exitCodes");
	struct err err = ERR_INIT;
	bool right = xml_fields_read(d->retry, &table, d, r->memory, r->problems) == 0;

	if (d->exit_codes != NULL &&
	    read_exit_codes(d->exit_codes, r->memory, &d->def.retry, &err) == -1)
		note(r, codes->line, what, &err);
	else if (right && job_def_retry_check(&d->def.retry, &err) == -1)
		note(r, d->retry->line, what, &err);
}

static void
read_def(struct reading *r, const struct xml_element *element, const struct jar *jar)
{
	const struct xml_fields table = { ROWS("definition", job_def_xml_definition), DEF_RANGES };
	struct read_def d = { .def = job_def_defaults };
	size_t count = r->problems->count;
	struct xml_fields limits = { ROWS("", job_def_xml_limits), DEF_RANGES };
	struct err err = ERR_INIT;

	d.def.path = jar->path;
	d.def.path_type = jar->path_type;
	d.def.line = element->line;
	(void)xml_fields_read(element, &table, &d, r->memory, r->problems);
	limits.what = what_is(r, "definition", d.def.name);
	if (d.limits != NULL)
		(void)xml_fields_read(d.limits, &limits, &d, r->memory, r->problems);
	if (d.retry != NULL)
		read_retry(r, &d, limits.what);
	read_parameters(r, d.parameters, limits.what, job_def_parameter_check, &d.def.parameters);
	parameter_types_xml_read(d.types, limits.what, r->memory, &d.def.parameter_types,
				 r->problems);
	if (r->problems->count == count && job_def_check(&d.def, &err) == -1) {
		(void)err_prefix(&err, "line %d", element->line);
		problem_list_add(r->problems, r->memory, &err);
	}
	r->set.defs[r->set.defs_len++] = d.def;
}

/* What is wrong with a jar is told once, and its definitions are looked at all the same. */
static void
read_jar(struct reading *r, const struct xml_element *element)
{
	const struct xml_fields table = { TABLE("jar", jar_fields), DEF_RANGES };
	struct jar jar = { .path_type = "FS" };

	if (xml_fields_read(element, &table, &jar, r->memory, r->problems) == -1) {
		jar.path = "none";
		jar.path_type = "FS";
	}
	if (jar.definitions == NULL)
		return;
	(void)xml_fields_read(jar.definitions, &list_table, &no_members, r->memory, r->problems);
	for (const struct xml_element *at = xml_child(jar.definitions, "jobDefinition"); at != NULL;
	     at = xml_sibling(at))
		read_def(r, at, &jar);
}

static void
read_handler(struct reading *r, const struct xml_element *element, const char *what,
	     struct event_handler *out)
{
	const struct xml_fields table = { TABLE(what, handler_fields) };
	struct read_handler h = { .event = NULL };
	struct err err = ERR_INIT;

	(void)xml_fields_read(element, &table, &h, r->memory, r->problems);
	read_parameters(r, h.parameters, what, parameter_check, &h.handler.parameters);
	if (text_map_has_secrets(&h.handler.parameters)) {
		(void)err_set(&err, ERR_INVALID, "a handler has no secret parameters");
		note(r, element->line, what, &err);
	}
	if (h.event != NULL && strcmp(h.event, "JI_STARTING") != 0) {
		(void)err_set(&err, ERR_INVALID, "the only event is JI_STARTING, not \"%.*s\"",
			      STR_CUT(h.event, 60));
		note(r, element->line, what, &err);
	}
	*out = h.handler;
}

static void
read_handlers(struct reading *r, const struct xml_element *element, struct execution_context *out)
{
	const char *what = what_is(r, "context", out->name);
	const struct xml_fields table = { TABLE(what, handlers_fields) };
	const char *each = memory_printf(r->memory, "%s: handler", what);

	(void)xml_fields_read(element, &table, &no_members, r->memory, r->problems);
	out->handlers = memory_alloc_array(r->memory, xml_children_count(element, "handler"),
					   sizeof(out->handlers[0]));
	for (const struct xml_element *at = xml_child(element, "handler"); at != NULL;
	     at = xml_sibling(at))
		read_handler(r, at, each, &out->handlers[out->handlers_len++]);
}

static void
read_context(struct reading *r, const struct xml_element *element)
{
	const struct xml_fields table = { ROWS("context", job_def_xml_context),
					  .texts = execution_context_texts,
					  .texts_len = execution_context_texts_len };
	struct read_context c = { .context = { .persistent = true, .line = element->line } };
	size_t count = r->problems->count;
	struct err err = ERR_INIT;

	(void)xml_fields_read(element, &table, &c, r->memory, r->problems);
	if (c.handlers != NULL)
		read_handlers(r, c.handlers, &c.context);
	if (r->problems->count == count && execution_context_check(&c.context, &err) == -1) {
		(void)err_prefix(&err, "line %d", element->line);
		problem_list_add(r->problems, r->memory, &err);
	}
	r->set.contexts[r->set.contexts_len++] = c.context;
}

/* Names that there are; an absent or empty one is a problem of its own. */
static void
add_name(struct xml_name *list, size_t *len, const char *name, int line)
{
	if (name != NULL && name[0] != '\0')
		list[(*len)++] = (struct xml_name){ name, line };
}

static void
check_names(struct reading *r)
{
	const struct job_def_set *set = &r->set;
	struct xml_name *list =
	    memory_alloc_array(r->memory, set->defs_len + set->contexts_len, sizeof(*list));
	size_t len = 0;

	for (size_t i = 0; i < set->defs_len; i++)
		add_name(list, &len, set->defs[i].name, set->defs[i].line);
	xml_names_check(list, len, "definition", r->memory, r->problems);
	len = 0;
	for (size_t i = 0; i < set->contexts_len; i++)
		add_name(list, &len, set->contexts[i].name, set->contexts[i].line);
	xml_names_check(list, len, "context", r->memory, r->problems);
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
	(void)xml_plain_check(root, memory, problems);
	(void)xml_fields_read(root, &root_table, &no_members, memory, problems);
	make_room(root, memory, &r.set);
	for (const struct xml_element *at = root->children; at != NULL; at = at->next) {
		if (strcmp(at->name, "jar") == 0)
			read_jar(&r, at);
		else if (strcmp(at->name, "context") == 0)
			read_context(&r, at);
	}
	check_names(&r);
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
