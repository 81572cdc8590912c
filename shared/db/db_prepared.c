/* SPDX-License-Identifier: Apache-2.0 */
/* db/db_prepared.c: which statements this connection already knows. */
#include "db/db_private.h"

#include <stdlib.h>

bool
db_prepared_has(const struct db_prepared *prepared, const struct db_stmt *stmt,
		const struct db_stmt *question)
{
	for (size_t i = 0; i < prepared->count; i++) {
		const struct db_prepared_stmt *known = &prepared->stmts[i];

		if (known->stmt == stmt && known->question == question &&
		    known->edition == stmt->edition)
			return true;
	}
	return false;
}

void
db_prepared_add(struct db_prepared *prepared, const struct db_stmt *stmt,
		const struct db_stmt *question)
{
	if (prepared->count == prepared->size) {
		size_t size = prepared->size == 0 ? 32 : prepared->size * 2;
		struct db_prepared_stmt *grown =
		    reallocarray(prepared->stmts, size, sizeof(*prepared->stmts));

		if (grown == NULL)
			abort(); /* as str_dup(): nothing sane can follow */
		prepared->stmts = grown;
		prepared->size = size;
	}
	prepared->stmts[prepared->count++] =
	    (struct db_prepared_stmt){ stmt, question, stmt->edition };
}

bool
db_prepared_remove(struct db_prepared *prepared, const struct db_stmt *stmt,
		   const struct db_stmt **question_out)
{
	for (size_t i = 0; i < prepared->count; i++)
		if (prepared->stmts[i].stmt == stmt) {
			*question_out = prepared->stmts[i].question;
			prepared->stmts[i] = prepared->stmts[--prepared->count];
			return true;
		}
	return false;
}

void
db_prepared_clear(struct db_prepared *prepared)
{
	free(prepared->stmts);
	prepared->stmts = NULL;
	prepared->count = prepared->size = 0;
}
