/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/xml_reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "codec/xml_prolog.h"
#include "codec/xml_utf16.h"
#include "model/memory.h"

#define XSI "http://www.w3.org/2001/XMLSchema-instance"

/* An element that is open: its texts are still being collected, its children appended. */
struct level {
	struct xml_element *element;
	struct xml_element **tail; /* where its next child goes */
	struct buf text;
};

struct reader {
	xmlParserCtxtPtr parser;
	struct memory *memory;
	struct level levels[XML_DEPTH_MAX];
	size_t depth; /* open elements */
	size_t elements;
	struct xml_element *root;
	struct err *err; /* ERR_NONE until the first failure */
};

static void __attribute__((format(printf, 2, 3))) fail(struct reader *r, const char *fmt, ...)
{
	char text[ERR_TEXT_SIZE];
	va_list ap;

	if (r->err->kind == ERR_NONE) {
		va_start(ap, fmt);
		(void)vsnprintf(text, sizeof(text), fmt, ap);
		va_end(ap);
		(void)err_set(r->err, ERR_INVALID, "line %d: %s", xmlSAX2GetLineNumber(r->parser),
			      text);
	}
	xmlStopParser(r->parser);
}

static void
on_doctype(void *arg, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
	struct reader *r = arg;

	(void)name;
	(void)external;
	(void)system;
	fail(r, "a DOCTYPE is not allowed");
}

/* The text from start to end; libxml2, not asked to replace entities, leaves each "&" as "&#38;". */
static const char *
attribute_value(struct reader *r, const xmlChar *start, const xmlChar *end)
{
	static const char ampersand[] = "&#38;";
	char *copy = memory_alloc(r->memory, (size_t)(end - start) + 1), *to = copy;

	for (const char *at = (const char *)start; at < (const char *)end; at++) {
		*to++ = *at;
		if (*at == '&' && strncmp(at, ampersand, sizeof(ampersand) - 1) == 0)
			at += sizeof(ampersand) - 2;
	}
	*to = '\0';
	return copy;
}

/* All that are not about schemas. */
static struct xml_attribute *
read_attributes(struct reader *r, int n, const xmlChar **attributes)
{
	struct xml_attribute *first = NULL, **tail = &first;

	for (int i = 0; i < n; i++, attributes += 5) {
		if (attributes[2] != NULL && strcmp((const char *)attributes[2], XSI) == 0)
			continue;
		*tail = memory_alloc(r->memory, sizeof(**tail));
		(*tail)->name = memory_dup(r->memory, (const char *)attributes[0]);
		(*tail)->value = attribute_value(r, attributes[3], attributes[4]);
		tail = &(*tail)->next;
	}
	return first;
}

static void
on_start(void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
	 int namespaces_len, const xmlChar **namespaces, int attributes_len, int defaulted,
	 const xmlChar **attributes)
{
	struct reader *r = arg;
	struct xml_element *element;
	struct level *level;

	(void)prefix;
	(void)namespaces_len;
	(void)namespaces;
	(void)defaulted;
	if (r->err->kind != ERR_NONE)
		return;
	if (r->depth == XML_DEPTH_MAX) {
		fail(r, "elements are nested more than %d deep", XML_DEPTH_MAX);
		return;
	}
	if (++r->elements > XML_ELEMENTS_MAX) {
		fail(r, "there are more than %d elements", XML_ELEMENTS_MAX);
		return;
	}
	element = memory_alloc(r->memory, sizeof(*element));
	element->name = memory_dup(r->memory, (const char *)name);
	element->name_space = memory_dup(r->memory, (const char *)uri);
	element->attributes = read_attributes(r, attributes_len, attributes);
	element->line = xmlSAX2GetLineNumber(r->parser);
	element->text = "";
	if (r->depth == 0) {
		r->root = element;
	} else {
		level = &r->levels[r->depth - 1];
		*level->tail = element;
		level->tail = &element->next;
	}
	level = &r->levels[r->depth++];
	level->element = element;
	level->tail = &element->children;
	level->text = (struct buf)BUF_INIT(XML_BYTES_MAX * 3); /* an 8 bit character may take 3 */
}

static void
on_end(void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	struct reader *r = arg;
	struct level *level;

	(void)name;
	(void)prefix;
	(void)uri;
	if (r->err->kind != ERR_NONE || r->depth == 0)
		return;
	level = &r->levels[--r->depth];
	if (level->text.len > 0)
		level->element->text =
		    memory_dup_len(r->memory, buf_text(&level->text), level->text.len);
	if (buf_check(&level->text, r->err) == -1)
		xmlStopParser(r->parser);
	buf_free(&level->text);
}

static void
on_characters(void *arg, const xmlChar *text, int len)
{
	struct reader *r = arg;

	if (r->err->kind == ERR_NONE && r->depth > 0)
		buf_append(&r->levels[r->depth - 1].text, text, (size_t)len);
}

/* libxml2's words for the first thing it does not like. */
static void
on_error(void *arg, xmlErrorPtr error)
{
	struct reader *r = arg;
	char text[200];

	if (error->level == XML_ERR_WARNING || r->err->kind != ERR_NONE)
		return;
	(void)str_copy(text, sizeof(text), error->message == NULL ? "not XML" : error->message);
	(void)str_trim(text);
	for (char *at = text; *at != '\0'; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			*at = ' ';
	if (!str_utf8_valid(text, strlen(text)))
		(void)str_copy(text, sizeof(text), "not well-formed");
	(void)err_set(r->err, ERR_INVALID, "line %d: not XML: %s", error->line, text);
	xmlStopParser(r->parser);
}

/* Nothing is ever loaded from anywhere. */
static xmlParserInputPtr
load_nothing(const char *url, const char *id, xmlParserCtxtPtr parser)
{
	(void)url;
	(void)id;
	(void)parser;
	return NULL;
}

static void
parse(struct reader *r)
{
	xmlSAXHandler sax;

	memset(&sax, 0, sizeof(sax));
	sax.initialized = XML_SAX2_MAGIC;
	sax.internalSubset = on_doctype;
	sax.startElementNs = on_start;
	sax.endElementNs = on_end;
	sax.characters = on_characters;
	sax.ignorableWhitespace = on_characters;
	sax.cdataBlock = on_characters;
	sax.serror = on_error;

	(void)xmlCtxtUseOptions(r->parser, XML_PARSE_NONET);
	*r->parser->sax = sax;
	r->parser->sax2 = 1;
	r->parser->userData = r;
	(void)xmlParseDocument(r->parser);
	if (r->err->kind == ERR_NONE && (!r->parser->wellFormed || r->root == NULL || r->depth > 0))
		(void)err_set(r->err, ERR_INVALID, "not well-formed XML");
	/* Its tree is never built, but what an error path made is ours to free. */
	if (r->parser->myDoc != NULL)
		xmlFreeDoc(r->parser->myDoc);
	r->parser->myDoc = NULL;
}

/* A document of bytes. */
static int
read_bytes(const char *data, size_t len, struct memory *memory, struct xml_element **root_out,
	   struct err *err)
{
	struct reader r = { .memory = memory, .err = err };

	if (xml_prolog_check(data, len, err) == -1 || xml_attributes_check(data, len, err) == -1)
		return -1;

	xmlSetExternalEntityLoader(load_nothing);
	r.parser = xmlCreateMemoryParserCtxt(data, (int)len);
	if (r.parser == NULL)
		return err_set(err, ERR_INTERNAL, "could not make an XML parser");
	parse(&r);
	while (r.depth > 0)
		buf_free(&r.levels[--r.depth].text);
	xmlFreeParserCtxt(r.parser);
	if (err->kind != ERR_NONE)
		return -1;
	*root_out = r.root;
	return 0;
}

int
xml_read(const char *data, size_t len, struct memory *memory, struct xml_element **root_out,
	 struct err *err)
{
	struct buf bytes = BUF_INIT(XML_BYTES_MAX * 3 / 2 + 1);
	int rc;

	err_clear(err);
	if (len > XML_BYTES_MAX)
		return err_set(err, ERR_TOO_LARGE, "the document is larger than %u bytes",
			       XML_BYTES_MAX);
	if (!xml_is_utf16(data, len))
		return read_bytes(data, len, memory, root_out, err);
	rc = xml_from_utf16(data, len, &bytes, err);
	if (rc == 0)
		rc = read_bytes(bytes.data, bytes.len, memory, root_out, err);
	buf_free(&bytes);
	return rc;
}

int
xml_is_blank(const char *text)
{
	return text[strspn(text, " \t\r\n")] == '\0';
}
