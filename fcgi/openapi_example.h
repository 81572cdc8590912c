/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/openapi_example.h: examples in the OpenAPI document: of parameters, of what is taken, of what is answered. */
#ifndef FCGI_OPENAPI_EXAMPLE_H
#define FCGI_OPENAPI_EXAMPLE_H

#include <stdbool.h>
#include <stddef.h>

#include "codec/doc_schema.h"
#include "fcgi/route.h"

struct json_out;

/* The member "examples" of the components: an object of each kind that is taken or answered, a list where there is one. */
void openapi_examples_write(struct json_out *out, const struct route *table, size_t len,
			    bool dates_as_text);

/*
 * Into an object of a media type that is open: an example of that shape.  given: a text, for media types that no table
 * describes; NULL: there is none.  XML has one only if it is given: who reads both sees the one of JSON.
 */
void openapi_example_write(struct json_out *out, const char *media_type, enum route_shape shape,
			   const struct wire_object *type, enum doc_schema_use use,
			   const char *given);

/* The member called member, an example of that value. */
void openapi_example_value_write(struct json_out *out, const char *member,
				 const struct route_value *value);

/* Into an object of a media type that is open: an example of a form of these fields, those it must have. */
void openapi_example_form_write(struct json_out *out, const struct route_value *fields);

#endif
