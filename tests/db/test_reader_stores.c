/* SPDX-License-Identifier: Apache-2.0 */
/* store/deliverable_store.c, node_health_store.c, queue_store.c: small readers of the web API. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "db/db.h"
#include "model/deliverable.h"
#include "model/job_def_view.h"
#include "model/memory.h"
#include "model/queue.h"
#include "store/deliverable_store.h"
#include "store/job_def_view_store.h"
#include "store/node_health_store.h"
#include "store/queue_store.h"
#include "tests/lib/test_db.h"

#define GUID "0b2f5c1e-7d3a-4f61-9c55-1d2e3f405162"
#define SHA "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

struct fixture {
	struct db *db; /* as jqm_api, with its rights */
	struct pool pool;
	struct err err;
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	(void)test_db_create("reader_stores");
	test_db_sql("SELECT jqm.node_register('alpha', gen_random_uuid(), 15000, '/j', '/o', '/t',"
		    " 'localhost', 1789)");
	f->db = db_new(test_db_conninfo_as("jqm_api"), "test_reader_stores");
	pool_init(&f->pool);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	db_free(f->db);
	pool_free(&f->pool);
	free(f);
	return 0;
}

static void
files_are_found_by_job_by_number_and_by_guid(void **state)
{
	struct fixture *f = *state;
	struct deliverable_list list;
	struct deliverable file;

	test_db_sql(
	    "INSERT INTO jqm.job_def (name, queue_id, path, path_type) SELECT 'filed', id, 'true',"
	    " 'DEFAULTSHELLCOMMAND' FROM jqm.queue WHERE default_queue");
	test_db_sql(
	    "SELECT jqm.enqueue('filed', held => true) FROM generate_series(1, 5)"); /* 1 to 5 */
	test_db_sql("INSERT INTO jqm.deliverable (job_instance_id, node_name_id, random_id, path,"
		    " original_file_name, file_family, size_bytes, sha256)"
		    " SELECT 5, name_id, '" GUID "', 'billing/5/x.pdf', 'march.pdf', 'invoices',"
		    " 12, '" SHA "' FROM jqm.node");
	assert_int_equal(deliverable_list_of_job(f->db, 5, &f->pool.memory, &list, &f->err), 0);
	assert_int_equal(list.len, 1);
	assert_int_equal(
	    deliverable_by_id(f->db, list.items[0].id, &f->pool.memory, &file, &f->err), 0);
	assert_string_equal(file.file_path, "billing/5/x.pdf");
	assert_string_equal(file.file_family, "invoices");
	assert_string_equal(file.original_name, "march.pdf");
	assert_int_equal(file.size_bytes, 12);
	assert_string_equal(file.sha256, SHA);
	assert_string_equal(file.random_id, GUID);
	assert_int_equal(file.job_id, 5);
	assert_string_equal(file.node_name, "alpha");
	memset(&file, 0, sizeof(file));
	assert_int_equal(deliverable_by_random_id(f->db, GUID, &f->pool.memory, &file, &f->err), 0);
	assert_int_equal(file.id, list.items[0].id);
	assert_int_equal(deliverable_by_random_id(f->db, "0b2f5c1e-7d3a-4f61-9c55-1d2e3f405163",
						  &f->pool.memory, &file, &f->err),
			 -1);
	assert_int_equal(f->err.kind, ERR_NOT_FOUND);
	assert_int_equal(deliverable_list_of_job(f->db, 6, &f->pool.memory, &list, &f->err), 0);
	assert_int_equal(list.len, 0);
}

static void
what_is_no_guid_is_refused(void **state)
{
	static const char *const guids[] = {
		"",
		"1",
		"../../etc/passwd",
		"0b2f5c1e7d3a4f619c551d2e3f405162",
		"{0b2f5c1e-7d3a-4f61-9c55-1d2e3f405162}",
		"0b2f5c1e-7d3a-4f61-9c55-1d2e3f40516g",
		"0b2f5c1e-7d3a-4f61-9c55-1d2e3f4051620",
		"é' or true --",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(guids) / sizeof(guids[0]); i++) {
		struct deliverable file;

		print_message("guid: %s\n", guids[i]);
		err_clear(&f->err);
		assert_int_equal(
		    deliverable_by_random_id(f->db, guids[i], &f->pool.memory, &file, &f->err), -1);
		assert_int_equal(f->err.kind, ERR_INVALID);
	}
}

static struct node_health
health_of(struct fixture *f, const char *node)
{
	struct node_health health;

	if (node_health_read(f->db, node, &f->pool.memory, &health, &f->err) == -1)
		fail_msg("%s", f->err.text);
	return health;
}

static void
a_node_is_well_while_it_has_its_lease_and_polls(void **state)
{
	struct fixture *f = *state;

	assert_false(health_of(f, "beta").known);
	assert_true(health_of(f, "alpha").known);
	assert_true(health_of(f, "alpha").alive);
	assert_null(health_of(f, "alpha").late_queue);

	/* interval 1 s: late after 18 s */
	test_db_sql("UPDATE jqm.queue_mapping SET last_modified = now() - interval '1 h',"
		    " last_polled = now() - interval '17 s'");
	assert_null(health_of(f, "alpha").late_queue);
	test_db_sql("UPDATE jqm.queue_mapping SET last_polled = now() - interval '19 s'");
	assert_string_equal(health_of(f, "alpha").late_queue, "DEFAULT");
	test_db_sql("UPDATE jqm.queue_mapping SET last_polled = NULL");
	assert_string_equal(health_of(f, "alpha").late_queue, "DEFAULT");
	test_db_sql("UPDATE jqm.queue_mapping SET enabled = false");
	assert_null(health_of(f, "alpha").late_queue);

	test_db_sql("UPDATE jqm.node SET lease_until = now() - interval '1 ms'");
	assert_false(health_of(f, "alpha").alive);
	test_db_sql("UPDATE jqm.node SET lease_until = NULL");
	assert_false(health_of(f, "alpha").alive);
}

static void
queues_are_listed_by_id(void **state)
{
	struct fixture *f = *state;
	struct queue_list list;

	test_db_sql("INSERT INTO jqm.queue (name, description) VALUES ('A', 'first letter')");
	assert_int_equal(queue_list_read(f->db, NULL, &f->pool.memory, &list, &f->err), 0);
	assert_int_equal(list.len, 2);
	assert_string_equal(list.items[0].name, "DEFAULT");
	assert_string_equal(list.items[1].name, "A");
	assert_string_equal(list.items[1].description, "first letter");
	assert_true(list.items[0].id < list.items[1].id);
}

static void
definitions_are_found_by_application_and_by_name(void **state)
{
	struct fixture *f = *state;
	struct job_def_view_list list;
	struct job_def_view def;

	test_db_sql("INSERT INTO jqm.job_def (name, queue_id, path, path_type, application, module,"
		    " highlander, parameters, enabled) SELECT n, id, 'true',"
		    " 'DEFAULTSHELLCOMMAND', a, 'm', true, '{\"k\": \"v\"}', false"
		    " FROM jqm.queue, (VALUES ('b', 'x%%y'), ('a', 'x-y')) AS v(n, a)");
	assert_int_equal(job_def_view_list_all(f->db, NULL, &f->pool.memory, &list, &f->err), 0);
	assert_int_equal(list.len, 2);
	assert_string_equal(list.items[0].application_name, "a");
	assert_int_equal(job_def_view_list_of(f->db, NULL, "x%y", &f->pool.memory, &list, &f->err),
			 0);
	assert_int_equal(list.len, 1);
	assert_string_equal(list.items[0].application_name, "b");
	assert_int_equal(job_def_view_list_of(f->db, NULL, "", &f->pool.memory, &list, &f->err), 0);
	assert_int_equal(list.len, 0);
	assert_int_equal(job_def_view_named(f->db, NULL, "a", &f->pool.memory, &def, &f->err), 0);
	assert_string_equal(def.queue->name, "DEFAULT");
	assert_string_equal(text_map_get(&def.parameters, "k"), "v");
	assert_true(def.highlander);
	assert_int_equal(job_def_view_named(f->db, NULL, "A", &f->pool.memory, &def, &f->err), -1);
	assert_int_equal(f->err.kind, ERR_NOT_FOUND);
	assert_string_equal(f->err.text, "there is no job definition \"A\"");
}

static void
each_definition_has_its_own_schedules(void **state)
{
	struct fixture *f = *state;
	struct job_def_view_list list;
	struct job_def_view def;

	test_db_sql(
	    "INSERT INTO jqm.job_def (name, queue_id, path, path_type) SELECT n, id, 'true',"
	    " 'DEFAULTSHELLCOMMAND' FROM jqm.queue,"
	    " (VALUES ('c'), ('a'), ('b')) AS v(n);"
	    "SELECT jqm.schedule_create('b', '1 * * * *');"
	    "SELECT jqm.schedule_create('c', '2 * * * *');"
	    "SELECT jqm.schedule_create('b', '3 * * * *')");
	assert_int_equal(job_def_view_list_all(f->db, NULL, &f->pool.memory, &list, &f->err), 0);
	assert_int_equal(list.len, 3);
	assert_int_equal(list.items[0].schedules.len, 0);
	assert_int_equal(list.items[1].schedules.len, 2);
	assert_string_equal(list.items[1].schedules.items[0].cron_expression, "1 * * * *");
	assert_string_equal(list.items[1].schedules.items[1].cron_expression, "3 * * * *");
	assert_int_equal(list.items[2].schedules.len, 1);
	assert_string_equal(list.items[2].schedules.items[0].cron_expression, "2 * * * *");
	assert_int_equal(job_def_view_named(f->db, NULL, "c", &f->pool.memory, &def, &f->err), 0);
	assert_int_equal(def.schedules.len, 1);
	assert_string_equal(def.schedules.items[0].application_name, "c");
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(files_are_found_by_job_by_number_and_by_guid),
		T(what_is_no_guid_is_refused),
		T(a_node_is_well_while_it_has_its_lease_and_polls),
		T(queues_are_listed_by_id),
		T(definitions_are_found_by_application_and_by_name),
		T(each_definition_has_its_own_schedules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
