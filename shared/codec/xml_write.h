/* SPDX-License-Identifier: Apache-2.0 */
/* codec/xml_write.h: files for humans and JQM: an element a line, two blanks a level. */
#ifndef CODEC_XML_WRITE_H
#define CODEC_XML_WRITE_H

#include <stdbool.h>

struct buf;
struct xml_field;

/* A full out is marked, see buf_check(). */
struct xml_writing {
	struct buf *out;
	int depth; /* open elements */
};

/* Blanks of this level; a begin, an end; a whole element with text; one that is true or false. */
void xml_write_indent(struct xml_writing *w);
void xml_write_open(struct xml_writing *w, const char *name);
void xml_write_close(struct xml_writing *w, const char *name);
void xml_write_element(struct xml_writing *w, const char *name, const char *text);
void xml_write_flag(struct xml_writing *w, const char *name, bool flag);

/*
 * The plain element of a table's row, from object; those with children are for the caller.  usual: such a struct
 * with all defaults: an optional element that is like it is left out.
 */
void xml_write_field(struct xml_writing *w, const struct xml_field *field, const void *object,
		     const void *usual);

#endif
