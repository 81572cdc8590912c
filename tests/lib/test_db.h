/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lib/test_db.h: a fresh database for a test program, dropped at its exit.
 *
 * The cluster is the one whose socket directory JQM_TEST_PGHOST names; without that variable a
 * private one is started and stopped with this program, even when the program is killed.  The
 * schema comes from sql/schema under JQM_TEST_SOURCE (default: the current directory); it is
 * applied once per cluster and then copied.  A function that fails prints why and exits.
 */
#ifndef TESTS_LIB_TEST_DB_H
#define TESTS_LIB_TEST_DB_H

struct db;

/* Make a new database with the schema; its connection string (superuser), valid until exit. */
const char *test_db_create(const char *name_hint);

/* The same without any schema. */
const char *test_db_create_empty(const char *name_hint);

/* The newest database of this program (made now if there is none), as superuser. */
const char *test_db_conninfo(void);

/* The same, as role: jqm_owner, jqm_api, jqm_runner, jqm_notifier, jqm_events, jqm_client, jqm_backup or
 * postgres. */
const char *test_db_conninfo_as(const char *role);

/* A directory under the source tree: test_db_source("sql/schema"); valid until exit. */
const char *test_db_source(const char *path);

/* Run SQL as superuser in the newest database. */
void test_db_sql(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* One value of the newest database (first column of the first row), as superuser; "" for NULL or
 * no row.  The caller frees it. */
char *test_db_value(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* For tests that count by the slots of a clock: until the next slot of so many seconds is that far ahead. */
void test_db_wait_away(int period_s, int ahead_s);

#endif
