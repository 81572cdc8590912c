/* SPDX-License-Identifier: Apache-2.0 */
/* store/flat_json.h: a jsonb object of plain values as the server writes it, which is stricter than JSON is. */
#ifndef STORE_FLAT_JSON_H
#define STORE_FLAT_JSON_H

struct memory;
struct text_map;

/*
 * "{"a": "x", "bc": 1}" to a map sorted by key, in bytes; a number or a boolean is its text, null no value;
 * {"secret": "..."} is a secret pair, with the mask for its value.
 * 0 and *out, or -1: not of that form (a list or an object within is not).
 */
int flat_json_read(const char *json, struct memory *memory, struct text_map *out);

#endif
