/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/openapi_operation.h: one row of the route table as an operation of the OpenAPI document. */
#ifndef FCGI_OPENAPI_OPERATION_H
#define FCGI_OPENAPI_OPERATION_H

struct json_out;
struct route;

/* A member of a path: the method, what it takes, what it answers. */
void openapi_operation_write(struct json_out *out, const struct route *route);

/* The member "responses" of the components: every refusal there is; operations refer to them. */
void openapi_refusals_write(struct json_out *out);

#endif
