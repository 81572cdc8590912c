/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codec/doc_xml.h: model structs as XML, both ways, after their wire tables, as JQM's Java clients
 * need it.
 *
 * Written: no white space; absent members are left out, empty maps and lists are not; dates in UTC,
 * with milliseconds unless they are zero; characters XML cannot hold become U+FFFD.
 *
 * Read: members in any order, unknown elements ignored, either root name of the table.  Refused with
 * ERR_INVALID, the line and the member's name: text that does not fit its type, an element where a
 * text should be, a member twice that is no list; see xml_reader.h for what never gets this far.
 */
#ifndef CODEC_DOC_XML_H
#define CODEC_DOC_XML_H

#include <stddef.h>

#include "codec/wire_object.h"

struct buf;
struct err;
struct memory;

/* One object from text[len] into object (the C struct of type), checked with wire_check().  All it
 * points to is in memory.  0, or -1 (ERR_INVALID, ERR_TOO_LARGE) with object unspecified. */
int doc_xml_read(const struct wire_object *type, const char *text, size_t len,
		 struct memory *memory, void *object, struct err *err);

/* The same; *root_out is the one of the table's root names that the document has. */
int doc_xml_read_root(const struct wire_object *type, const char *text, size_t len,
		      struct memory *memory, void *object, const char **root_out, struct err *err);

/* Append a whole document to out; a full out is marked, see buf_check(). */
void doc_xml_write(const struct wire_object *type, const void *object, struct buf *out);
/* Text as it stands between tags. */
void doc_xml_write_text(const char *text, struct buf *out);
/* Under type->list_name, which must not be NULL. */
void doc_xml_write_list(const struct wire_object *type, const void *items, size_t len,
			struct buf *out);

#endif
