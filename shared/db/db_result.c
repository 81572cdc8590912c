/* SPDX-License-Identifier: Apache-2.0 */
/* db/db_result.c: rows of text and their reading. */
#include "db/db_private.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

int
db_rows(const struct db_result *result)
{
	return PQntuples(result->pg);
}

bool
db_is_null(const struct db_result *result, int row, int col)
{
	assert(row >= 0 && row < PQntuples(result->pg));
	assert(col >= 0 && col < PQnfields(result->pg));
	return PQgetisnull(result->pg, row, col) != 0;
}

const char *
db_text(const struct db_result *result, int row, int col)
{
	return db_is_null(result, row, col) ? NULL : PQgetvalue(result->pg, row, col);
}

/* Of the types that are read as rows come from the server: numbers of the catalogue, which never change. */
enum { TYPE_INT8 = 20, TYPE_INT2 = 21, TYPE_INT4 = 23 };
#define US_1970_TO_2000 INT64_C(946684800000000)

static bool
is_binary(const struct db_result *result, int col)
{
	return PQfformat(result->pg, col) == 1;
}

/* len bytes, the first one the highest. */
static uint64_t
big_endian(const char *bytes, int len)
{
	uint64_t value = 0;

	for (int i = 0; i < len; i++)
		value = value << 8 | (unsigned char)bytes[i];
	return value;
}

static int64_t
binary_integer(const struct db_result *result, int col, const char *bytes)
{
	Oid type = PQftype(result->pg, col);

	if (type == TYPE_INT8)
		return (int64_t)big_endian(bytes, 8);
	if (type == TYPE_INT4)
		return (int32_t)big_endian(bytes, 4);
	assert(type == TYPE_INT2);
	return (int16_t)big_endian(bytes, 2);
}

int64_t
db_us(const struct db_result *result, int row, int col)
{
	const char *bytes = db_text(result, row, col);

	assert(is_binary(result, col));
	return bytes == NULL ? 0 : (int64_t)big_endian(bytes, 8) + US_1970_TO_2000;
}

double
db_double(const struct db_result *result, int row, int col)
{
	const char *bytes = db_text(result, row, col);
	uint64_t bits = bytes == NULL ? 0 : big_endian(bytes, 8);
	double value;

	assert(is_binary(result, col));
	memcpy(&value, &bits, sizeof(value));
	return value;
}

/* A number of the form goes before its text. */
const char *
db_jsonb(const struct db_result *result, int row, int col)
{
	const char *bytes = db_text(result, row, col);

	assert(is_binary(result, col));
	assert(bytes == NULL || bytes[0] == 1);
	return bytes == NULL ? NULL : bytes + 1;
}

int64_t
db_int64(const struct db_result *result, int row, int col)
{
	const char *text = db_text(result, row, col);
	int64_t value = 0;

	if (text != NULL && is_binary(result, col))
		return binary_integer(result, col, text);
	if (text != NULL) {
		int rc = num_int64(text, INT64_MIN, INT64_MAX, &value);

		assert(rc == 0);
		(void)rc;
	}
	return value;
}

bool
db_bool(const struct db_result *result, int row, int col)
{
	const char *text = db_text(result, row, col);

	return text != NULL && text[0] == (is_binary(result, col) ? 1 : 't');
}

void
db_result_free(struct db_result *result)
{
	if (result == NULL)
		return;
	PQclear(result->pg);
	free(result);
}
