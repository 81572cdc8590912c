/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codec/doc_schema.h: what a wire table says, as a JSON Schema (2020-12) for the OpenAPI document: types,
 * limits, what may be null; how it looks as XML in OpenAPI's "xml" members.
 *
 * An answer has every member, always, and no other.  What is sent in may leave members out, and unknown ones are
 * ignored; so each object has two schemas, the second with DOC_SCHEMA_INPUT_SUFFIX behind its name.
 */
#ifndef CODEC_DOC_SCHEMA_H
#define CODEC_DOC_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

struct json_out;
struct wire_object;

enum doc_schema_use { DOC_SCHEMA_ANSWER, DOC_SCHEMA_INPUT };

#define DOC_SCHEMA_INPUT_SUFFIX "Input"

/* Objects that are written once however often they are referred to. */
#define DOC_SCHEMAS_MAX 100
struct doc_schemas {
	const struct wire_object *types[DOC_SCHEMAS_MAX];
	size_t len;
};

/* type, and what is nested in it, unless they are there.  There must be room (asserted). */
void doc_schemas_add(struct doc_schemas *all, const struct wire_object *type);

/* A member of #/components/schemas, under the object's name. */
void doc_schema_write(struct json_out *out, const struct wire_object *type, enum doc_schema_use use,
		      bool dates_as_text);

/* Into an object that is open: the member "$ref" that leads to what doc_schema_write() wrote. */
void doc_schema_refer(struct json_out *out, const struct wire_object *type,
		      enum doc_schema_use use);

/* The same for an array of them: "type", "items", the root element in XML. */
void doc_schema_refer_list(struct json_out *out, const struct wire_object *type,
			   enum doc_schema_use use);

#endif
