/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/openapi_shape.h: what is taken and what is answered, as schemas of the OpenAPI document. */
#ifndef FCGI_OPENAPI_SHAPE_H
#define FCGI_OPENAPI_SHAPE_H

#include <stdint.h>

#include "codec/doc_schema.h"
#include "fcgi/route.h"

struct json_out;

/* Members of a schema that is open.  min and max 0: any number; max INT64_MAX: no upper limit. */
void openapi_integer_write(struct json_out *out, int64_t min, int64_t max);
void openapi_value_write(struct json_out *out, const struct route_value *value);

/*
 * The member "content": media types, comma-separated, each with the schema of the shape and an example.  example: what
 * openapi_example_write() is given.
 */
void openapi_content_write(struct json_out *out, const char *media_types, enum route_shape shape,
			   const struct wire_object *type, enum doc_schema_use use,
			   const char *example);

/* The same for a form of these fields. */
void openapi_form_write(struct json_out *out, const struct route_value *fields);

#endif
