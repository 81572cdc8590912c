/* SPDX-License-Identifier: Apache-2.0 */
/* codec/xml_prolog.h: looks at bytes before an XML parser may: which encoding, how many attributes. */
#ifndef CODEC_XML_PROLOG_H
#define CODEC_XML_PROLOG_H

#include <stddef.h>

struct err;

/* What is read as it comes, and what xml_from_utf16() has read. */
enum xml_encodings { XML_BYTES, XML_UTF_16 };

/*
 * Is the encoding that the declaration names, if there is one, of these?  0 and the length of the declaration (0: there
 * is none), or -1 with ERR_INVALID.
 */
int xml_declaration_check(const char *data, size_t len, enum xml_encodings encodings,
			  size_t *len_out, struct err *err);

/*
 * Is it one of the encodings of bytes that codec/xml_reader.h promises?  0, or -1 with ERR_INVALID.  All of them hold
 * ASCII as it is, which xml_attributes_check() relies on.
 */
int xml_prolog_check(const char *data, size_t len, struct err *err);

/*
 * No tag has more than XML_ATTRIBUTES_MAX attributes?  libxml2 compares each with each: without this
 * a document of a megabyte costs minutes.  0, or -1 with ERR_INVALID.
 */
int xml_attributes_check(const char *data, size_t len, struct err *err);

#endif
