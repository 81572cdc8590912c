/* SPDX-License-Identifier: Apache-2.0 */
/* db/db_result.c: rows of text and their reading. */
#include "db/db_private.h"

#include <assert.h>
#include <stdlib.h>

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

int64_t
db_int64(const struct db_result *result, int row, int col)
{
	const char *text = db_text(result, row, col);
	int64_t value = 0;

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

	return text != NULL && text[0] == 't';
}

void
db_result_free(struct db_result *result)
{
	if (result == NULL)
		return;
	PQclear(result->pg);
	free(result);
}
