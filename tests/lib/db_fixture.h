/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lib/db_fixture.h: what tests of shared/db share: a handle, an empty table t in the newest database
 * of lib/test_db.h, and what can be said of both.
 *
 *	t (id int primary key, note text not null check (note <> 'bad'),
 *	   parent int references t, checked at commit)
 */
#ifndef TESTS_LIB_DB_FIXTURE_H
#define TESTS_LIB_DB_FIXTURE_H

#include <stdint.h>

#include "base/err.h"
#include "db/db.h"

/* Make t anew. */
void db_fixture_table(void);

/* Of one test: t, and *state a struct db as superuser that calls itself test_db. */
int db_fixture_set_up(void **state);
int db_fixture_tear_down(void **state);

#define with_db(test) cmocka_unit_test_setup_teardown(test, db_fixture_set_up, db_fixture_tear_down)

void assert_sql(struct db *db, const char *sql);
void assert_sql_fails(struct db *db, const char *sql, enum err_kind kind);

/* Whoever connects as role may not do that. */
void assert_denied(const char *role, const char *sql);

/* One value, looked up on a connection of its own; "" for NULL or no row. */
void assert_value(const char *sql, const char *expected);

/* The server process behind the connection. */
int64_t db_pid_of(struct db *db);

#endif
