/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/xml_fields.h"

#include <assert.h>
#include <inttypes.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "base/str.h"
#include "codec/xml_reader.h"
#include "model/job_def.h"
#include "model/memory.h"
#include "model/problem_list.h"
#include "model/value.h"

#define BLANKS " \t\r\n"

const char *
xml_trimmed_text(const char *text, struct memory *memory)
{
	const char *start = text + strspn(text, BLANKS);
	size_t len = strlen(start);

	while (len > 0 && strchr(BLANKS, start[len - 1]) != NULL)
		len--;
	return memory_dup_len(memory, start, len);
}

const char *
xml_trimmed(const struct xml_element *element, struct memory *memory)
{
	return xml_trimmed_text(element->text, memory);
}

const struct xml_element *
xml_child(const struct xml_element *element, const char *name)
{
	if (element == NULL)
		return NULL;
	for (const struct xml_element *at = element->children; at != NULL; at = at->next)
		if (strcmp(at->name, name) == 0)
			return at;
	return NULL;
}

const struct xml_element *
xml_sibling(const struct xml_element *at)
{
	const char *name = at->name;

	while ((at = at->next) != NULL)
		if (strcmp(at->name, name) == 0)
			return at;
	return NULL;
}

size_t
xml_children_count(const struct xml_element *element, const char *name)
{
	size_t n = 0;

	for (const struct xml_element *at = xml_child(element, name); at != NULL;
	     at = xml_sibling(at))
		n++;
	return n;
}

int
xml_plain_check(const struct xml_element *element, struct memory *memory,
		struct problem_list *problems)
{
	size_t count = problems->count;
	struct err err = ERR_INIT;

	if (element->name_space != NULL) {
		(void)err_set(&err, ERR_INVALID,
			      "line %d: element \"%.*s\" has a namespace, this format has none",
			      element->line, STR_CUT(element->name, 60));
		problem_list_add(problems, memory, &err);
		return -1; /* those within it are in it too */
	}
	for (const struct xml_attribute *at = element->attributes; at != NULL; at = at->next) {
		(void)err_set(&err, ERR_INVALID,
			      "line %d: element \"%.*s\" has an attribute \"%.*s\", this format "
			      "has none",
			      element->line, STR_CUT(element->name, 60), STR_CUT(at->name, 60));
		problem_list_add(problems, memory, &err);
	}
	for (const struct xml_element *at = element->children; at != NULL; at = at->next)
		(void)xml_plain_check(at, memory, problems);
	return problems->count == count ? 0 : -1;
}

static int
read_bool(const struct xml_element *element, struct memory *memory, bool *out, struct err *err)
{
	const char *text = xml_trimmed(element, memory);

	if (strcmp(text, "true") == 0 || strcmp(text, "1") == 0)
		*out = true;
	else if (strcmp(text, "false") == 0 || strcmp(text, "0") == 0)
		*out = false;
	else
		return err_set(err, ERR_INVALID, "\"%s\" must be true, false, 1 or 0, not \"%.*s\"",
			       element->name, STR_CUT(text, 60));
	return 0;
}

static const struct model_number *
find_range(const struct xml_fields *table, const char *field)
{
	for (size_t i = 0; i < table->numbers_len; i++)
		if (strcmp(table->numbers[i].field, field) == 0)
			return &table->numbers[i];
	return NULL;
}

/* Digits 0 to 7, not more than fit: 0, or -1. */
static int
parse_octal(const char *text, int64_t min, int64_t max, int64_t *out)
{
	size_t len = strspn(text, "01234567");
	int64_t value = 0;

	if (len == 0 || len > 6 || text[len] != '\0')
		return -1;
	for (size_t i = 0; i < len; i++)
		value = value * 8 + (text[i] - '0');
	if (value < min || value > max)
		return -1;
	*out = value;
	return 0;
}

static int
parse_number(const char *text, enum xml_field_kind kind, const struct model_number *range,
	     int64_t *out)
{
	if (kind == XML_OCTAL)
		return parse_octal(text, range->min, range->max, out);
	if (kind == XML_SIZE)
		return num_size(text, range->min, range->max, out);
	return num_int64(text, range->min, range->max, out);
}

/* kind is XML_NUMBER, XML_SIZE or XML_OCTAL. */
static int
read_number(const struct xml_element *element, const struct xml_fields *table,
	    enum xml_field_kind kind, struct memory *memory, struct opt_int64 *out, struct err *err)
{
	const struct model_number *range = find_range(table, element->name);
	const char *text = xml_trimmed(element, memory);

	assert(range != NULL);
	if (parse_number(text, kind, range, &out->value) == 0) {
		out->set = true;
		return 0;
	}
	if (kind == XML_OCTAL)
		return err_set(
		    err, ERR_INVALID,
		    "\"%s\" must be an octal number from %" PRIo64 " to %" PRIo64 ", not \"%.*s\"",
		    element->name, (uint64_t)range->min, (uint64_t)range->max, STR_CUT(text, 60));
	return err_set(
	    err, ERR_INVALID, "\"%s\" must be %s from %" PRId64 " to %" PRId64 ", not \"%.*s\"",
	    element->name, kind == XML_SIZE ? "bytes, or a number with k, M or G," : "a number",
	    range->min, range->max, STR_CUT(text, 60));
}

static int
check_size(const struct xml_fields *table, const char *field, const char *text, struct err *err)
{
	for (size_t i = 0; i < table->texts_len; i++)
		if (strcmp(table->texts[i].field, field) == 0)
			return model_text_check(&table->texts[i], text, err);
	return 0;
}

static int
read_one(const struct xml_element *element, const struct xml_fields *table,
	 const struct xml_field *field, void *out, struct memory *memory, struct err *err)
{
	char *member = (char *)out + field->offset;
	struct opt_bool *flag;
	const char *text;

	if (field->kind <= XML_OCTAL && element->children != NULL)
		return err_set(err, ERR_INVALID, "\"%s\" may not contain \"%.*s\"", element->name,
			       STR_CUT(element->children->name, 60));
	switch (field->kind) {
	case XML_TEXT:
	case XML_TRIMMED:
		text = field->kind == XML_TEXT ? element->text : xml_trimmed(element, memory);
		memcpy(member, &text, sizeof(text));
		return check_size(table, field->element, text, err);
	case XML_BOOL:
		return read_bool(element, memory, (bool *)(void *)member, err);
	case XML_OPT_BOOL:
		flag = (struct opt_bool *)(void *)member;
		flag->set = true;
		return read_bool(element, memory, &flag->value, err);
	case XML_NUMBER:
	case XML_SIZE:
	case XML_OCTAL:
		return read_number(element, table, field->kind, memory,
				   (struct opt_int64 *)(void *)member, err);
	case XML_ELEMENT:
		memcpy(member, &element, sizeof(element));
		return 0;
	case XML_MANY:
	case XML_DROPPED:
		break;
	}
	return 0;
}

static const struct xml_field *
find(const struct xml_fields *table, const char *name)
{
	for (size_t i = 0; i < table->fields_len; i++)
		if (strcmp(table->fields[i].element, name) == 0)
			return &table->fields[i];
	return NULL;
}

/* What is wrong with an element's children, of which one may tell its name. */
struct located {
	const struct xml_element *element;
	const struct xml_fields *table;
	const char *prefix; /* what stands before; made when it is needed */
	struct memory *memory;
	struct problem_list *problems;
};

/* "line N: definition "x": " before what is wrong. */
static void
note(struct located *where, int line, struct err *err)
{
	const struct xml_element *name;

	if (where->prefix == NULL) {
		name = xml_child(where->element, "name");
		where->prefix =
		    name == NULL ? where->table->what
				 : memory_printf(where->memory, "%s \"%.*s\"", where->table->what,
						 STR_CUT(xml_trimmed(name, where->memory), 100));
	}
	(void)err_prefix(err, "line %d: %s", line, where->prefix);
	problem_list_add(where->problems, where->memory, err);
}

static void
note_missing(struct located *where, uint32_t seen)
{
	const struct xml_fields *table = where->table;
	struct err err = ERR_INIT;

	for (size_t i = 0; i < table->fields_len; i++) {
		if (!table->fields[i].needed || (seen & (UINT32_C(1) << i)) != 0)
			continue;
		(void)err_set(&err, ERR_INVALID, "\"%s\" is missing", table->fields[i].element);
		note(where, where->element->line, &err);
	}
}

/* One child into out, if seen does not have it yet. */
static int
read_child(const struct xml_element *at, const struct xml_fields *table, uint32_t *seen, void *out,
	   struct memory *memory, struct err *err)
{
	const struct xml_field *field = find(table, at->name);
	uint32_t bit;

	if (field == NULL)
		return err_set(err, ERR_INVALID, "element \"%.*s\" is unknown here",
			       STR_CUT(at->name, 60));
	bit = UINT32_C(1) << (field - table->fields);
	if ((*seen & bit) != 0 && field->kind != XML_MANY)
		return err_set(err, ERR_INVALID, "element \"%s\" stands twice", at->name);
	*seen |= bit;
	return read_one(at, table, field, out, memory, err);
}

int
xml_fields_read(const struct xml_element *element, const struct xml_fields *table, void *out,
		struct memory *memory, struct problem_list *problems)
{
	struct located where = { element, table, NULL, memory, problems };
	size_t count = problems->count;
	struct err err = ERR_INIT;
	uint32_t seen = 0;

	assert(table->fields_len <= 32);
	if (!xml_is_blank(element->text)) {
		(void)err_set(&err, ERR_INVALID, "there is text between elements of \"%s\"",
			      element->name);
		note(&where, element->line, &err);
	}
	for (const struct xml_element *at = element->children; at != NULL; at = at->next)
		if (read_child(at, table, &seen, out, memory, &err) == -1)
			note(&where, at->line, &err);
	note_missing(&where, seen);
	return problems->count == count ? 0 : -1;
}
