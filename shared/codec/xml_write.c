/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/xml_write.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "codec/doc_xml.h"
#include "codec/xml_fields.h"
#include "model/value.h"

void
xml_write_indent(struct xml_writing *w)
{
	buf_printf(w->out, "%*s", 2 * w->depth, "");
}

void
xml_write_open(struct xml_writing *w, const char *name)
{
	xml_write_indent(w);
	buf_printf(w->out, "<%s>\n", name);
	w->depth++;
}

void
xml_write_close(struct xml_writing *w, const char *name)
{
	w->depth--;
	xml_write_indent(w);
	buf_printf(w->out, "</%s>\n", name);
}

void
xml_write_element(struct xml_writing *w, const char *name, const char *text)
{
	xml_write_indent(w);
	buf_printf(w->out, "<%s>", name);
	doc_xml_write_text(text, w->out);
	buf_printf(w->out, "</%s>\n", name);
}

void
xml_write_flag(struct xml_writing *w, const char *name, bool flag)
{
	xml_write_element(w, name, flag ? "true" : "false");
}

static void
write_text_field(struct xml_writing *w, const struct xml_field *field, const char *text,
		 const char *usual)
{
	if (text == NULL || (!field->needed && usual != NULL && strcmp(text, usual) == 0))
		return;
	xml_write_element(w, field->element, text);
}

static void
write_number_field(struct xml_writing *w, const struct xml_field *field, struct opt_int64 number,
		   struct opt_int64 usual)
{
	if (!number.set || (usual.set && usual.value == number.value))
		return;
	xml_write_indent(w);
	buf_printf(w->out, field->kind == XML_OCTAL ? "<%s>%03" PRIo64 : "<%s>%" PRId64,
		   field->element, number.value);
	buf_printf(w->out, "</%s>\n", field->element);
}

void
xml_write_field(struct xml_writing *w, const struct xml_field *field, const void *object,
		const void *usual)
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
		xml_write_flag(w, field->element, flag);
		break;
	}
	case XML_OPT_BOOL: {
		struct opt_bool flag;

		memcpy(&flag, at, sizeof(flag));
		if (flag.set)
			xml_write_flag(w, field->element, flag.value);
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
