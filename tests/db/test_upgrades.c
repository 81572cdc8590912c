/* SPDX-License-Identifier: Apache-2.0 */
/* What newer files of the schema make of an installation that was there before them. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "db/db.h"
#include "db/migrate.h"
#include "tests/lib/test_db.h"

#define BEFORE_HEALTH 43 /* the last file that knows of no login for the health check */
#define FILES_MAX 200

static char dir[40]; /* links to the first files of the schema */
static char links[FILES_MAX][320];
static size_t links_len;

/* A database as it was when the file of that number was the last one. */
static struct db *
database_of(int last)
{
	struct db *db = db_new(test_db_create_empty("upgrades"), "test_upgrades");
	char *schema = realpath(test_db_source("sql/schema"), NULL);
	struct err err = ERR_INIT;
	const struct dirent *entry;
	int applied = 0;
	DIR *all;

	assert_non_null(schema);
	all = opendir(schema);
	assert_non_null(all);
	while ((entry = readdir(all)) != NULL) {
		int number = atoi(entry->d_name);
		char target[600];

		if (number < 1 || number > last)
			continue;
		assert_true(links_len < FILES_MAX);
		(void)snprintf(target, sizeof(target), "%s/%s", schema, entry->d_name);
		(void)snprintf(links[links_len], sizeof(links[0]), "%s/%s", dir, entry->d_name);
		assert_int_equal(symlink(target, links[links_len++]), 0);
	}
	(void)closedir(all);
	free(schema);
	if (migrate_apply(db, dir, &applied, &err) == -1)
		fail_msg("%s", err.text);
	assert_int_equal(applied, last);
	return db;
}

static int
set_up(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof(dir), "/tmp/jqm-test-upgrades-XXXXXX");
	assert_non_null(mkdtemp(dir));
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	while (links_len > 0)
		(void)unlink(links[--links_len]);
	return rmdir(dir);
}

static void
bring_up_to_date(struct db *db)
{
	struct err err = ERR_INIT;

	if (migrate_apply(db, test_db_source("sql/schema"), NULL, &err) == -1)
		fail_msg("%s", err.text);
	db_free(db);
}

static void
assert_anonymous_health(const char *expected)
{
	char *value =
	    test_db_value("SELECT count(*) || ' ' || coalesce(min(value), 'none')"
			  "  FROM jqm.global_parameter WHERE key = 'enableAnonymousHealth'");

	assert_string_equal(value, expected);
	free(value);
}

static void
add_node(void)
{
	test_db_sql("SELECT jqm.node_register('n1', gen_random_uuid(), 2000, '/j', '/d', '/t', "
		    "'localhost', 1)");
}

static void
who_has_nodes_keeps_a_health_check_without_login(void **state)
{
	struct db *db = database_of(BEFORE_HEALTH);

	(void)state;
	add_node();
	bring_up_to_date(db);
	assert_anonymous_health("1 true");
}

static void
who_has_decided_already_keeps_that(void **state)
{
	struct db *db = database_of(BEFORE_HEALTH);

	(void)state;
	add_node();
	test_db_sql("INSERT INTO jqm.global_parameter (key, value)"
		    " VALUES ('enableAnonymousHealth', 'false')");
	bring_up_to_date(db);
	assert_anonymous_health("1 false");
}

static void
without_nodes_the_health_check_asks_for_a_login(void **state)
{
	(void)state;
	bring_up_to_date(database_of(BEFORE_HEALTH));
	assert_anonymous_health("0 none");
}

#define with_dir(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_dir(who_has_nodes_keeps_a_health_check_without_login),
		with_dir(who_has_decided_already_keeps_that),
		with_dir(without_nodes_the_health_check_asks_for_a_login),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
