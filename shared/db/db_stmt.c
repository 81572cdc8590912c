/* SPDX-License-Identifier: Apache-2.0 */
/* db/db_stmt.c: the list of statements the linker collects from every DB_STMT(). */
#include "db/db.h"

/* Made by the linker at the borders of the section; weak, as a program may have no statement. */
extern const struct db_stmt *const __start_db_stmts[] __attribute__((weak));
extern const struct db_stmt *const __stop_db_stmts[] __attribute__((weak));

const struct db_stmt *const *
db_stmt_list(size_t *count_out)
{
	*count_out =
	    ((uintptr_t)__stop_db_stmts - (uintptr_t)__start_db_stmts) / sizeof(*__start_db_stmts);
	return __start_db_stmts;
}
