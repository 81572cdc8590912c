/* SPDX-License-Identifier: Apache-2.0 */
/* codec/parameter_type_xml.h: the types of a definition's parameters in its descriptor. */
#ifndef CODEC_PARAMETER_TYPE_XML_H
#define CODEC_PARAMETER_TYPE_XML_H

struct memory;
struct parameter_type_list;
struct problem_list;
struct xml_element;
struct xml_writing;

/* element is "parameterTypes" of what ("definition "A""), or NULL: there are none.  Each thing that is wrong is a problem. */
void parameter_types_xml_read(const struct xml_element *element, const char *what,
			      struct memory *memory, struct parameter_type_list *out,
			      struct problem_list *problems);

/* Nothing when there are none: what JQM reads has no such element. */
void parameter_types_xml_write(struct xml_writing *w, const struct parameter_type_list *types);

#endif
