/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/openapi.h: the description of the web API as OpenAPI 3.1, made of the route table and the wire tables
 * and of nothing else: there is no text to forget.
 */
#ifndef FCGI_OPENAPI_H
#define FCGI_OPENAPI_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct route;

/* Append the document about table[len] to out.  dates_as_text: how answers have dates in JSON (fcgi:json_dates). */
void openapi_write(const struct route *table, size_t len, bool dates_as_text, struct buf *out);

#endif
