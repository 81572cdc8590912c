/* SPDX-License-Identifier: Apache-2.0 */
/* A database with definitions and jobs in it gets sql/schema/0045_enqueue_costs.sql. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
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
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

#define THE_FILE "_enqueue_costs.sql"
#define DEFINE(name, column, value)                                                       \
	"INSERT INTO jqm.job_def (name, queue_id, path, path_type, " column ")"           \
	" SELECT '" name "', id, 'true', 'DEFAULTSHELLCOMMAND', " value " FROM jqm.queue" \
	" WHERE default_queue;"

/* The number of the file that is looked at. */
static int
its_number(void)
{
	struct dirent *entry;
	DIR *schema = opendir(test_db_source("sql/schema"));
	int number = 0;

	assert_non_null(schema);
	while (number == 0 && (entry = readdir(schema)) != NULL)
		if (strstr(entry->d_name, THE_FILE) != NULL)
			number = atoi(entry->d_name);
	(void)closedir(schema);
	assert_true(number > 0);
	return number;
}

/* Files numbered below it, as links in a directory of their own; remove: they go again. */
static void
older_files(const char *dir, int number, bool remove)
{
	struct dirent *entry;
	DIR *schema = opendir(test_db_source("sql/schema"));

	assert_non_null(schema);
	while ((entry = readdir(schema)) != NULL) {
		char from[600], to[400];

		if (atoi(entry->d_name) < 1 || atoi(entry->d_name) >= number)
			continue;
		(void)snprintf(from, sizeof(from), "%s/%s", test_db_source("sql/schema"),
			       entry->d_name);
		(void)snprintf(to, sizeof(to), "%s/%s", dir, entry->d_name);
		assert_int_equal(remove ? unlink(to) : symlink(from, to), 0);
	}
	(void)closedir(schema);
	if (remove)
		assert_int_equal(rmdir(dir), 0);
}

static void
apply(struct db *db, const char *dir)
{
	struct err err = ERR_INIT;

	if (migrate_apply(db, dir, NULL, &err) == -1)
		fail_msg("%s", err.text);
}

static void
what_was_there_is_ordinary_or_not_and_stays_as_long_as_its_jobs(void **state)
{
	char dir[] = "/tmp/jqm-test-upgrade-XXXXXX";
	struct db *db = db_new(test_db_create_empty("upgrade"), "test_upgrade");
	int number = its_number();

	(void)state;
	assert_non_null(mkdtemp(dir));
	older_files(dir, number, false);
	apply(db, dir);
	older_files(dir, number, true);
	test_db_sql(
	    DEFINE("Plain", "priority", "4") DEFINE("Alone", "highlander", "true")
		DEFINE("Secret", "parameters", "'{\"a\": {\"secret\": \"\"}}'") DEFINE(
		    "Needs", "parameters", "'{\"com.enioka.jqm.rm.quantity.consumption\": \"2\"}'")
		    DEFINE("Keyed", "concurrency_key", "'k'") DEFINE(
			"Typed", "parameter_types",
			"'[{\"key\": \"k\", \"type\": \"TEXT\"}]'") "SELECT jqm.enqueue('Plain')");
	apply(db, test_db_source("sql/schema"));
	assert_value(
	    "SELECT string_agg(name, ' ' ORDER BY name) FROM jqm.job_def WHERE is_ordinary",
	    "Plain");
	assert_sql_fails(db, "DELETE FROM jqm.job_def WHERE name = 'Plain'", ERR_CONFLICT);
	test_db_sql("SELECT jqm.enqueue('Plain')");
	assert_value(
	    "SELECT count(DISTINCT to_jsonb(j) - 'id' - 'position' - 'enqueued_at' - 'runnable_at')"
	    " || ' ' || count(*) FROM jqm.job_instance AS j",
	    "1 2");
	/* what a definition says decides, whenever it is changed, and the audit trail tells of that alone */
	test_db_sql("UPDATE jqm.job_def SET highlander = false WHERE name = 'Alone'");
	assert_value("SELECT is_ordinary FROM jqm.job_def WHERE name = 'Alone'", "t");
	assert_value("SELECT changes FROM jqm.audit WHERE kind = 'jd' AND name = 'Alone'"
		     " ORDER BY id DESC LIMIT 1",
		     "[{\"after\": \"false\", \"field\": \"highlander\", \"before\": \"true\"}]");
	db_free(db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_there_is_ordinary_or_not_and_stays_as_long_as_its_jobs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
