/* SPDX-License-Identifier: Apache-2.0 */
/* codec/job_def_xml_write.c: definitions as a descriptor, after the tables its reader uses. */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "codec/doc_xml.h"
#include "codec/job_def_xml.h"
#include "codec/job_def_xml_tables.h"
#include "model/job_def.h"

struct writing {
	struct buf *out;
	int depth;
};

static void
indent(struct writing *w)
{
	buf_printf(w->out, "%*s", 2 * w->depth, "");
}

static void
open_element(struct writing *w, const char *name)
{
	indent(w);
	buf_printf(w->out, "<%s>\n", name);
	w->depth++;
}

static void
close_element(struct writing *w, const char *name)
{
	w->depth--;
	indent(w);
	buf_printf(w->out, "</%s>\n", name);
}

static void
write_element(struct writing *w, const char *name, const char *text)
{
	indent(w);
	buf_printf(w->out, "<%s>", name);
	doc_xml_write_text(text, w->out);
	buf_printf(w->out, "</%s>\n", name);
}

static void
write_flag(struct writing *w, const char *name, bool flag)
{
	write_element(w, name, flag ? "true" : "false");
}

static void
write_parameters(struct writing *w, const struct text_map *map)
{
	if (map->len == 0)
		return;
	open_element(w, "parameters");
	for (size_t i = 0; i < map->len; i++) {
		open_element(w, "parameter");
		write_element(w, "key", map->items[i].key);
		write_element(w, "value", map->items[i].value);
		close_element(w, "parameter");
	}
	close_element(w, "parameters");
}

static void
write_text_field(struct writing *w, const struct xml_field *field, const char *text,
		 const char *usual)
{
	if (text == NULL)
		text = "";
	else if (!field->needed && usual != NULL && strcmp(text, usual) == 0)
		return;
	if (field->needed || text[0] != '\0')
		write_element(w, field->element, text);
}

static void
write_number_field(struct writing *w, const struct xml_field *field, struct opt_int64 number,
		   struct opt_int64 usual)
{
	if (!number.set || (usual.set && usual.value == number.value))
		return;
	indent(w);
	buf_printf(w->out, field->kind == XML_OCTAL ? "<%s>%03" PRIo64 : "<%s>%" PRId64,
		   field->element, number.value);
	buf_printf(w->out, "</%s>\n", field->element);
}

/* The plain elements of a table; those with children are for the caller.  usual: such a struct with all
 * defaults. */
static void
write_field(struct writing *w, const struct xml_field *field, const void *object, const void *usual)
{
	const char *at = (const char *)object + field->offset;
	const char *usual_at = (const char *)usual + field->offset;

	switch (field->kind) {
	case XML_TEXT:
	case XML_TRIMMED: {
		const char *text, *usual_text;

		memcpy(&text, at, sizeof(text));
		memcpy(&usual_text, usual_at, sizeof(usual_text));
		write_text_field(w, field, text, usual_text);
		break;
	}
	case XML_BOOL: {
		bool flag;

		memcpy(&flag, at, sizeof(flag));
		write_flag(w, field->element, flag);
		break;
	}
	case XML_OPT_BOOL: {
		struct opt_bool flag;

		memcpy(&flag, at, sizeof(flag));
		if (flag.set)
			write_flag(w, field->element, flag.value);
		break;
	}
	case XML_NUMBER:
	case XML_SIZE:
	case XML_OCTAL: {
		struct opt_int64 number, usual_number;

		memcpy(&number, at, sizeof(number));
		memcpy(&usual_number, usual_at, sizeof(usual_number));
		write_number_field(w, field, number, usual_number);
		break;
	}
	case XML_ELEMENT:
	case XML_MANY:
	case XML_DROPPED:
		break;
	}
}

static void
write_exit_codes(struct writing *w, const struct job_def_retry *retry)
{
	if (retry->exit_codes_len == 0)
		return;
	indent(w);
	buf_puts(w->out, "<exitCodes>");
	for (size_t i = 0; i < retry->exit_codes_len; i++)
		buf_printf(w->out, i == 0 ? "%d" : ",%d", retry->exit_codes[i]);
	buf_puts(w->out, "</exitCodes>\n");
}

/* An element of rows, unless there is nothing to say in it. */
static void
write_rules(struct writing *w, const char *name, const struct xml_rows *rows,
	    const struct read_def *r, const struct read_def *usual)
{
	struct buf within = BUF_INIT(w->out->cap);
	struct writing inner = { &within, w->depth + 1 };

	for (size_t i = 0; i < rows->len; i++)
		if (strcmp(rows->fields[i].element, "exitCodes") == 0)
			write_exit_codes(&inner, &r->def.retry);
		else
			write_field(&inner, &rows->fields[i], r, usual);
	if (within.len > 0) {
		open_element(w, name);
		buf_append(w->out, within.data, within.len);
		close_element(w, name);
	}
	buf_free(&within);
}

static void
write_definition(struct writing *w, const struct job_def *def)
{
	const struct read_def r = { .def = *def }, usual = { .def = job_def_defaults };

	open_element(w, "jobDefinition");
	for (size_t i = 0; i < job_def_xml_definition.len; i++) {
		const struct xml_field *field = &job_def_xml_definition.fields[i];

		if (strcmp(field->element, "parameters") == 0)
			write_parameters(w, &def->parameters);
		else if (strcmp(field->element, "limits") == 0)
			write_rules(w, field->element, &job_def_xml_limits, &r, &usual);
		else if (strcmp(field->element, "retry") == 0)
			write_rules(w, field->element, &job_def_xml_retry, &r, &usual);
		else
			write_field(w, field, &r, &usual);
	}
	close_element(w, "jobDefinition");
}

static void
write_context(struct writing *w, const struct execution_context *context)
{
	const struct read_context r = { .context = *context }, usual = { .handlers = NULL };

	open_element(w, "context");
	for (size_t i = 0; i < job_def_xml_context.len; i++)
		write_field(w, &job_def_xml_context.fields[i], &r, &usual);
	open_element(w, "eventHandlers");
	for (size_t i = 0; i < context->handlers_len; i++) {
		open_element(w, "handler");
		write_element(w, "className", context->handlers[i].class_name);
		write_element(w, "event", "JI_STARTING");
		write_parameters(w, &context->handlers[i].parameters);
		close_element(w, "handler");
	}
	close_element(w, "eventHandlers");
	close_element(w, "context");
}

static bool
share_jar(const struct job_def *a, const struct job_def *b)
{
	return strcmp(a->path, b->path) == 0 && strcmp(a->path_type, b->path_type) == 0;
}

void
job_def_xml_write(const struct job_def_set *set, struct buf *out)
{
	struct writing w = { out, 0 };

	buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	open_element(&w, "jqm");
	for (size_t i = 0; i < set->defs_len; i++) {
		if (i == 0 || !share_jar(&set->defs[i - 1], &set->defs[i])) {
			open_element(&w, "jar");
			write_element(&w, "path", set->defs[i].path);
			write_element(&w, "pathType", set->defs[i].path_type);
			open_element(&w, "jobdefinitions");
		}
		write_definition(&w, &set->defs[i]);
		if (i + 1 == set->defs_len || !share_jar(&set->defs[i], &set->defs[i + 1])) {
			close_element(&w, "jobdefinitions");
			close_element(&w, "jar");
		}
	}
	for (size_t i = 0; i < set->contexts_len; i++)
		write_context(&w, &set->contexts[i]);
	close_element(&w, "jqm");
}
