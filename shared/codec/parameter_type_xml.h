/* SPDX-License-Identifier: Apache-2.0 */
/* codec/parameter_type_xml.h: the types of a definition's parameters in its descriptor. */
#ifndef CODEC_PARAMETER_TYPE_XML_H
#define CODEC_PARAMETER_TYPE_XML_H

struct err;
struct memory;
struct parameter_type_list;
struct xml_element;
struct xml_writing;

/* element is "parameterTypes", or NULL: there are none.  0; -1: ERR_INVALID with the line. */
int parameter_types_xml_read(const struct xml_element *element, struct memory *memory,
			     struct parameter_type_list *out, struct err *err);

/* Nothing when there are none: what JQM reads has no such element. */
void parameter_types_xml_write(struct xml_writing *w, const struct parameter_type_list *types);

#endif
