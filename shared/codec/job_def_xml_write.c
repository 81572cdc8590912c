/* SPDX-License-Identifier: Apache-2.0 */
/* codec/job_def_xml_write.c: definitions as a descriptor, after the tables its reader uses. */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "codec/job_def_xml.h"
#include "codec/job_def_xml_tables.h"
#include "codec/parameter_type_xml.h"
#include "codec/xml_write.h"
#include "model/job_def.h"

static void
write_parameters(struct xml_writing *w, const struct text_map *map)
{
	if (map->len == 0)
		return;
	xml_write_open(w, "parameters");
	for (size_t i = 0; i < map->len; i++) {
		xml_write_open(w, "parameter");
		xml_write_element(w, "key", map->items[i].key);
		if (map->items[i].secret)
			xml_write_flag(w, "secret", true);
		else
			xml_write_element(w, "value", map->items[i].value);
		xml_write_close(w, "parameter");
	}
	xml_write_close(w, "parameters");
}

static void
write_exit_codes(struct xml_writing *w, const struct job_def_retry *retry)
{
	if (retry->exit_codes_len == 0)
		return;
	xml_write_indent(w);
	buf_puts(w->out, "<exitCodes>");
	for (size_t i = 0; i < retry->exit_codes_len; i++)
		buf_printf(w->out, i == 0 ? "%d" : ",%d", retry->exit_codes[i]);
	buf_puts(w->out, "</exitCodes>\n");
}

/* An element of rows, unless there is nothing to say in it. */
static void
write_rules(struct xml_writing *w, const char *name, const struct xml_rows *rows,
	    const struct read_def *r, const struct read_def *usual)
{
	struct buf within = BUF_INIT(w->out->cap);
	struct xml_writing inner = { &within, w->depth + 1 };

	for (size_t i = 0; i < rows->len; i++)
		if (strcmp(rows->fields[i].element, "exitCodes") == 0)
			write_exit_codes(&inner, &r->def.retry);
		else
			xml_write_field(&inner, &rows->fields[i], r, usual);
	if (within.len > 0) {
		xml_write_open(w, name);
		buf_append(w->out, within.data, within.len);
		xml_write_close(w, name);
	}
	buf_free(&within);
}

static void
write_definition(struct xml_writing *w, const struct job_def *def)
{
	const struct read_def r = { .def = *def }, usual = { .def = job_def_defaults };

	xml_write_open(w, "jobDefinition");
	for (size_t i = 0; i < job_def_xml_definition.len; i++) {
		const struct xml_field *field = &job_def_xml_definition.fields[i];

		if (strcmp(field->element, "parameters") == 0)
			write_parameters(w, &def->parameters);
		else if (strcmp(field->element, "limits") == 0)
			write_rules(w, field->element, &job_def_xml_limits, &r, &usual);
		else if (strcmp(field->element, "retry") == 0)
			write_rules(w, field->element, &job_def_xml_retry, &r, &usual);
		else if (strcmp(field->element, "parameterTypes") == 0)
			parameter_types_xml_write(w, &def->parameter_types);
		else
			xml_write_field(w, field, &r, &usual);
	}
	xml_write_close(w, "jobDefinition");
}

static void
write_context(struct xml_writing *w, const struct execution_context *context)
{
	const struct read_context r = { .context = *context }, usual = { .handlers = NULL };

	xml_write_open(w, "context");
	for (size_t i = 0; i < job_def_xml_context.len; i++)
		xml_write_field(w, &job_def_xml_context.fields[i], &r, &usual);
	xml_write_open(w, "eventHandlers");
	for (size_t i = 0; i < context->handlers_len; i++) {
		xml_write_open(w, "handler");
		xml_write_element(w, "className", context->handlers[i].class_name);
		xml_write_element(w, "event", "JI_STARTING");
		write_parameters(w, &context->handlers[i].parameters);
		xml_write_close(w, "handler");
	}
	xml_write_close(w, "eventHandlers");
	xml_write_close(w, "context");
}

static bool
share_jar(const struct job_def *a, const struct job_def *b)
{
	return strcmp(a->path, b->path) == 0 && strcmp(a->path_type, b->path_type) == 0;
}

void
job_def_xml_write(const struct job_def_set *set, struct buf *out)
{
	struct xml_writing w = { out, 0 };

	buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	xml_write_open(&w, "jqm");
	for (size_t i = 0; i < set->defs_len; i++) {
		if (i == 0 || !share_jar(&set->defs[i - 1], &set->defs[i])) {
			xml_write_open(&w, "jar");
			xml_write_element(&w, "path", set->defs[i].path);
			xml_write_element(&w, "pathType", set->defs[i].path_type);
			xml_write_open(&w, "jobdefinitions");
		}
		write_definition(&w, &set->defs[i]);
		if (i + 1 == set->defs_len || !share_jar(&set->defs[i], &set->defs[i + 1])) {
			xml_write_close(&w, "jobdefinitions");
			xml_write_close(&w, "jar");
		}
	}
	for (size_t i = 0; i < set->contexts_len; i++)
		write_context(&w, &set->contexts[i]);
	xml_write_close(&w, "jqm");
}
