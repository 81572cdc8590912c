/* SPDX-License-Identifier: Apache-2.0 */
/* codec/xml_prolog.h: looks at bytes before an XML parser may: which encoding, how many attributes. */
#ifndef CODEC_XML_PROLOG_H
#define CODEC_XML_PROLOG_H

#include <stddef.h>

struct err;

/*
 * Is it one of the encodings codec/xml_reader.h promises?  0, or -1 with ERR_INVALID.  All of them hold
 * ASCII as it is, which xml_attributes_check() relies on.
 */
int xml_prolog_check(const char *data, size_t len, struct err *err);

/*
 * No tag has more than XML_ATTRIBUTES_MAX attributes?  libxml2 compares each with each: without this
 * a document of a megabyte costs minutes.  0, or -1 with ERR_INVALID.
 */
int xml_attributes_check(const char *data, size_t len, struct err *err);

#endif
