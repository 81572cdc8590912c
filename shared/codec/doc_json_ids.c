/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codec/doc_json_ids.c: an array of numbers of jobs, perhaps a million, without a tree of it.
 *
 * Whatever is not plainly that is left to the parser, which knows all forms of numbers and says what is
 * wrong; but not a large one: a tree is many times as large as its text.
 */
#include "codec/doc_json_private.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "model/memory.h"

#define TREE_BYTES_MAX ((size_t)1024 * 1024)

struct place {
	const char *at, *end;
};

static void
skip_blanks(struct place *place)
{
	while (place->at < place->end && *place->at != '\0' &&
	       strchr(" \t\r\n", *place->at) != NULL)
		place->at++;
}

static bool
next_is(struct place *place, char wanted)
{
	skip_blanks(place);
	if (place->at == place->end || *place->at != wanted)
		return false;
	place->at++;
	return true;
}

/* From 1 on, with or without quotes. */
static bool
next_id(struct place *place, int64_t *out)
{
	bool quoted = next_is(place, '"');
	int64_t id = 0;

	for (; place->at < place->end && *place->at >= '0' && *place->at <= '9'; place->at++) {
		int digit = *place->at - '0';

		if ((id == 0 && digit == 0) || id > (INT64_MAX - digit) / 10)
			return false;
		id = id * 10 + digit;
	}
	*out = id;
	return id > 0 && (!quoted || (place->at < place->end && *place->at++ == '"'));
}

static size_t
items_at_most(const char *text, size_t len)
{
	size_t n = 1;

	for (const char *at = text; (at = memchr(at, ',', len - (size_t)(at - text))) != NULL; at++)
		n++;
	return n;
}

/* Numbers between brackets; the first max of them are kept.  false: place is where something else stands. */
static bool
read_plain(struct place *place, int64_t *ids, size_t max, size_t *n)
{
	int64_t id;

	if (!next_is(place, '['))
		return false;
	do {
		if (!next_id(place, &id))
			return false;
		if (*n < max)
			ids[*n] = id;
		++*n;
	} while (next_is(place, ','));
	if (!next_is(place, ']'))
		return false;
	skip_blanks(place);
	return place->at == place->end;
}

int
doc_json_plain_ids(const char *text, size_t len, size_t max, struct memory *memory,
		   int64_t **ids_out, size_t *n_out, struct err *err)
{
	struct place place = { text, text + len };
	size_t room = items_at_most(text, len), n = 0;
	int64_t *ids = memory_alloc_array(memory, room < max ? room : max, sizeof(ids[0]));

	if (read_plain(&place, ids, max, &n)) {
		*ids_out = ids;
		*n_out = n;
		return 1;
	}
	if (len > TREE_BYTES_MAX)
		return err_set(
		    err, ERR_INVALID,
		    "byte %zu, behind %zu numbers: must be the number of a job, or the end of "
		    "the list",
		    (size_t)(place.at - text) + 1, n);
	return 0;
}
