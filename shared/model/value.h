/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model/value.h: the shapes of members that C has no type for: numbers and flags that may be
 * absent, moments, lists and maps of texts.  A text is a const char *, NULL when absent.
 */
#ifndef MODEL_VALUE_H
#define MODEL_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct memory;

struct opt_int64 {
	bool set;
	int64_t value; /* 0 when not set */
};

struct opt_bool {
	bool set;
	bool value; /* false when not set */
};

/* A moment: microseconds since 1970-01-01 UTC. */
struct opt_time {
	bool set;
	int64_t us; /* 0 when not set */
};

/* Moments a date member may hold: years 0000 to 9999. */
#define TIME_US_MIN (INT64_C(-62167219200) * 1000000)
#define TIME_US_MAX (INT64_C(253402300800) * 1000000 - 1)

struct text_list {
	const char **items;
	size_t len;
};

struct int64_list {
	int64_t *items;
	size_t len;
};

struct text_pair {
	const char *key; /* never NULL */
	const char *value; /* NULL: the key without a value */
	bool secret; /* who may see the pair may not see the value */
};

/* What is shown, and accepted as "as it is", in place of a secret value. */
#define SECRET_MASK "********"

/* Keys are unique; order means nothing. */
struct text_map {
	struct text_pair *items;
	size_t len;
};

/* The value of key, or NULL. */
const char *text_map_get(const struct text_map *map, const char *key);

/*
 * Room for max pairs is allocated once by text_map_room(); text_map_put() then adds a pair, or
 * replaces the value of a key that is there.  Texts are borrowed.
 */
void text_map_room(struct text_map *map, struct memory *memory, size_t max);
void text_map_put(struct text_map *map, const char *key, const char *value);
void text_map_put_pair(struct text_map *map, const struct text_pair *pair);

/* Is any of them secret? */
bool text_map_has_secrets(const struct text_map *map);

/* The same map with the mask for each secret value. */
struct text_map text_map_masked(const struct text_map *map, struct memory *memory);

/* "61=31 62~", as jqm.parameters_hex() writes it: 0 and *out, or -1 (not of that form).  ~: secret, the
 * value is the mask. */
int text_map_from_hex(const char *hex, struct memory *memory, struct text_map *out);

#endif
