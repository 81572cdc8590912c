/* SPDX-License-Identifier: Apache-2.0 */
/* sql/schema/0021 to 0023: configuration is refused by the names users know whatever door it comes through, the
 * last administrator stays, and who edits an old state is told. */
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
#include "model/admin.h"
#include "model/memory.h"
#include "store/admin_store.h"
#include "tests/lib/async_fixture.h"
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

#define LAST "no administrator who can log in, now and later"

/* Queues 1 (default) and 2, node 1 with mapping 1, definition 1 in queue 2 with schedule 1, role 8; root has a
 * password. */
static int
group_setup(void **state)
{
	(void)state;
	(void)test_db_create("admin");
	test_db_sql(
	    "insert into jqm.queue (name, description) values ('VIP', 'd');"
	    "insert into jqm.node (name, repo_job_def, repo_deliverable) values ('n1', '/j', '/d');"
	    "insert into jqm.queue_mapping (node_id, queue_id, max_jobs, polling_interval_ms)"
	    " values (1, 2, 5, 1000);"
	    "insert into jqm.job_def (name, queue_id, path, path_type)"
	    " values ('Plain', 2, 'true', 'DEFAULTSHELLCOMMAND');"
	    "insert into jqm.schedule (job_def_id, cron_expression, enabled)"
	    " values (1, '0 4 * * *', false);"
	    "insert into jqm.role (name, permissions) values ('super', '{*}');"
	    "update jqm.account set password_hash = '$scrypt$x' where login = 'root'");
	return 0;
}

static struct db *
connect_as(const char *role)
{
	return db_new(test_db_conninfo_as(role), "test_admin");
}

static void
assert_refused(struct db *db, const char *sql, enum err_kind kind, const char *says)
{
	struct err err = ERR_INIT;

	print_message("%s\n", sql);
	if (db_exec_sql(db, sql, &err) == 0)
		fail_msg("done: %s", sql);
	assert_string_equal(err_kind_name(err.kind), err_kind_name(kind));
	if (strstr(err.text, says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", err.text, says);
}

static void
direct_sql_is_refused_by_the_names_users_know(void **state)
{
	static const struct {
		const char *sql, *says;
	} cases[] = {
		{ "insert into jqm.queue (name) values (null)", "field \"name\" is missing" },
		{ "insert into jqm.queue (name) values ('')", "field \"name\" is empty" },
		{ "insert into jqm.queue (name) values (' a')", "begins or ends with a blank" },
		{ "insert into jqm.queue (name) values (repeat('x', 256))",
		  "field \"name\" has 256 characters, at most 255" },
		{ "update jqm.queue set description = null", "field \"description\" is missing" },
		{ "update jqm.queue set ageing_s = 0", "field \"ageingSeconds\" is 0, outside" },
		{ "update jqm.node set dns = ''", "field \"dns\" is empty" },
		{ "update jqm.node set port = 65536", "field \"port\" is 65536, outside" },
		{ "update jqm.node set repo_deliverable = ''",
		  "field \"outputDirectory\" is empt" },
		{ "update jqm.node set root_log_level = 'LOUD'",
		  "field \"rootLogLevel\" is \"LOU" },
		{ "update jqm.queue_mapping set max_jobs = -1",
		  "field \"nbThread\" is -1, outsid" },
		{ "update jqm.queue_mapping set polling_interval_ms = 0",
		  "field \"pollingInterval\" is 0, outside 1 to 86400000" },
		{ "update jqm.queue_mapping set queue_id = 99",
		  "field \"queueId\": there is no queue 99" },
		{ "update jqm.job_def set name = null", "field \"applicationName\" is missing" },
		{ "update jqm.job_def set path = ''", "field \"jarPath\" is empty" },
		{ "update jqm.job_def set path_type = 'EXE'", "field \"pathType\" is \"EXE\"" },
		{ "update jqm.job_def set execution_context_id = 9",
		  "field \"classLoaderId\": there is no execution context 9" },
		{ "update jqm.job_def set keyword1 = repeat('x', 51)",
		  "field \"keyword1\" has 51" },
		{ "update jqm.job_def set parameters = '{\"a\": \"\"}'", "value of parameter \"a" },
		{ "update jqm.job_def set run_max_s = 0", "field \"runMaxSeconds\" is 0, outside" },
		{ "update jqm.schedule set cron_expression = ''", "field \"cronExpression\" is e" },
		{ "update jqm.schedule set queue_id = 99",
		  "field \"queue\": there is no queue 99" },
		{ "update jqm.schedule set overlap = 'X'", "field \"overlap\" is \"X\"" },
		{ "update jqm.global_parameter set value = null", "field \"value\" is missing" },
		{ "insert into jqm.global_parameter (key, value) values (E'a\\nb', '')",
		  "field \"key\" has a control character" },
		{ "insert into jqm.execution_context (name) values ('')",
		  "field \"name\" is empty" },
		{ "insert into jqm.concurrency_limit (key, rate) values ('k', 1)",
		  "fields \"rate\" and \"ratePeriodSeconds\" go together" },
		{ "insert into jqm.jndi_resource (name, type, factory) values ('a', 't', null)",
		  "field \"factory\" is missing" },
		{ "insert into jqm.account (login) values ('a:b')", "field \"login\" has a colon" },
		{ "insert into jqm.account (login) values ('job-1')", "job-<number> means a job" },
		{ "update jqm.account set email = repeat('x', 255)", "field \"email\" has 255" },
		{ "update jqm.role set permissions = '{\"\"}' where id = 2",
		  "field \"permissions\" is empty" },
	};
	struct db *db = connect_as("postgres");
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_refused(db, cases[i].sql, ERR_INVALID, cases[i].says);
	db_free(db);
}

static void
what_is_in_use_stays_and_says_by_what(void **state)
{
	static const struct {
		const char *sql, *says;
	} cases[] = {
		{ "delete from jqm.queue where id = 2", "job definitions that use it: 1" },
		{ "delete from jqm.job_def", "cannot be deleted: schedules of it: 1" },
		{ "delete from jqm.role where id = 1", "\"administrator\" cannot be removed" },
		{ "delete from jqm.role where id = 2", "role \"config admin\" is built in" },
		{ "update jqm.role set name = 'x' where id = 2", "it cannot be renamed" },
		{ "update jqm.role set permissions = '{node:*}' where id = 1", "or weakened" },
		{ "delete from jqm.account", "account \"root\" is built in" },
		{ "update jqm.account set login = 'x'", "account \"root\" is built in" },
		{ "update jqm.node set lease_until = now() + interval '1 min'; delete from "
		  "jqm.node",
		  "seen alive less than 10 minutes ago" },
		{ "select jqm.enqueue('Plain'); delete from jqm.queue where id = 2",
		  "cannot be deleted: jobs in it that are not over: 1" },
		{ "select jqm.enqueue('Plain'); delete from jqm.schedule; delete from jqm.job_def",
		  "cannot be deleted: jobs of it that are not over: 1" },
		{ "insert into jqm.execution_context (name) values ('c'); update jqm.job_def set"
		  " execution_context_id = (select id from jqm.execution_context);"
		  "delete from jqm.execution_context",
		  "job definitions that use it: 1" },
	};
	struct db *db = connect_as("postgres");
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_refused(db, cases[i].sql, ERR_CONFLICT, cases[i].says);
	db_free(db);
}

/* Each statement begins with root as the only administrator. */
static void
nothing_takes_the_last_administrator_away(void **state)
{
	static const char *const doors[] = {
		"update jqm.account set locked = true",
		"update jqm.account set expiration_date = now() - interval '1 s'",
		"update jqm.account set expiration_date = now() + interval '1 year'",
		"update jqm.account set password_hash = null",
		"delete from jqm.account_role",
		"update jqm.account_role set role_id = 2",
		"update jqm.account set locked = true; update jqm.account set email = 'x'",
		/* the one that comes instead is none */
		"update jqm.account set locked = true; insert into jqm.account (login, "
		"password_hash)"
		" values ('b', 'x')",
		"update jqm.account set locked = true; insert into jqm.account (login) values "
		"('b');"
		"insert into jqm.account_role select id, 1 from jqm.account where login = 'b'",
		/* by a role of another name */
		("update jqm.account_role set role_id = 8; update jqm.role set permissions = "
		 "'{a:b}'"
		 " where id = 8"),
	};
	static const char *const fine[] = {
		"begin; update jqm.account set locked = true;"
		"update jqm.account set locked = false; commit",
		"begin; update jqm.account_role set role_id = 8; commit; update jqm.account_role "
		"set"
		" role_id = 1",
		"update jqm.account set password_hash = '$scrypt$y'",
		"begin; delete from jqm.account_role; insert into jqm.account_role values (1, 1);"
		"commit",
	};
	struct db *db = connect_as("postgres");
	(void)state;

	for (size_t i = 0; i < sizeof(doors) / sizeof(doors[0]); i++)
		assert_refused(db, doors[i], ERR_CONFLICT, LAST);
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++)
		assert_sql(db, fine[i]);
	assert_value("select count(*) from jqm.account where not locked and email is null", "1");
	db_free(db);
}

static const struct db_stmt demote_second = {
	.name = "test_demote_second",
	.text = "update jqm.account set locked = true where login = 'second'",
};

static void
two_who_take_one_each_of_the_last_two_meet(void **state)
{
	struct db *first = connect_as("postgres");
	struct err err = ERR_INIT;
	(void)state;

	test_db_sql("insert into jqm.account (login, password_hash) values ('second', 'x');"
		    "insert into jqm.account_role select id, 1 from jqm.account"
		    " where login = 'second'");
	assert_sql(first, "begin; update jqm.account set locked = true where login = 'root';"
			  "set constraints all immediate");
	async_send_plain(&demote_second, 1);
	async_wait_for_lock();
	assert_int_equal(db_exec_sql(first, "commit", &err), 0);
	async_run_until(&async_trace.done_count, 1);
	assert_string_equal(err_kind_name(async_trace.kinds[0]), err_kind_name(ERR_CONFLICT));
	assert_value("select string_agg(login, ',') from jqm.account where not locked", "second");
	test_db_sql("update jqm.account set locked = false where login = 'root';"
		    "delete from jqm.account where login = 'second'");
	db_free(first);
}

static const struct db_stmt edit_old = {
	.name = "test_edit_old",
	.text =
	    "select id from jqm.admin_put('q', 2, '{\"name\": \"VIP\", \"description\": \"mine\"}',"
	    " (select format('\"%s\"', etag) from jqm.admin_read('q', 2)), 'me')",
};

/* The state is read, then somebody else's change is waited for: it is an old one. */
static void
who_waits_for_another_edit_is_told_of_it(void **state)
{
	struct db *other = connect_as("postgres");
	(void)state;

	assert_sql(other, "begin; update jqm.queue set description = 'theirs' where id = 2");
	async_send_plain(&edit_old, 1);
	async_wait_for_lock();
	assert_sql(other, "commit");
	async_run_until(&async_trace.done_count, 1);
	assert_string_equal(err_kind_name(async_trace.kinds[0]), err_kind_name(ERR_STALE));
	assert_value("select description from jqm.queue where id = 2", "theirs");
	db_free(other);
}

static void
a_refusal_carries_the_key_of_consoles(void **state)
{
	static const struct {
		const char *sql, *key;
	} cases[] = {
		{ "select jqm.admin_read('q', 99)", "itemNotFound id=99" },
		{ "select jqm.admin_put('q', 1, '{\"name\":\"VIP\",\"description\":\"\"}', null, "
		  "'')",
		  "nameAlreadyUsed name=VIP" },
		{ "select jqm.admin_put('q', 2, '{\"name\":\"VIP\",\"description\":\"\","
		  "\"defaultQueue\":true}', null, '')",
		  "defaultQueueAlreadyExists" },
		{ "select jqm.admin_put('qmapping', null, '{\"nodeId\":1,\"queueId\":2,"
		  "\"nbThread\":1,\"pollingInterval\":1}', null, '')",
		  "mappingAlreadyExists" },
		{ "select jqm.admin_delete('jd', 1, null)", "jobDefHasActiveSchedules" },
		{ "select jqm.admin_put('jd', 1, '{\"applicationName\":\"Plain\",\"queueId\":2,"
		  "\"javaClassName\":\"x\",\"jarPath\":\"x\",\"pathType\":\"FS\",\"schedules\":"
		  "[{\"id\":5,\"cronExpression\":\"x\"}]}', null, '')",
		  "scheduledJobNotFound id=5" },
		{ "select jqm.enqueue('Plain'); select jqm.admin_delete('q', 2, null)",
		  "queueHasRunningInstances" },
		{ "select jqm.admin_put('user', 99, "
		  "'{\"login\":\"x\",\"newPassword\":\"$scrypt$x\"}', null, '')",
		  "userNotFound" },
		{ "select jqm.admin_put('user', 99, '{\"login\":\"x\"}', null, '')",
		  "itemNotFound id=99" },
		{ "select jqm.admin_put('q', 2, '{\"name\":\"\"}', null, '')", "" },
	};
	struct db *db = connect_as("jqm_api");
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = ERR_INIT;

		print_message("%s\n", cases[i].sql);
		assert_int_equal(db_exec_sql(db, cases[i].sql, &err), -1);
		assert_string_equal(err.key, cases[i].key);
	}
	db_free(db);
}

static void
the_api_changes_configuration_by_functions_only(void **state)
{
	static const char *const denied[] = {
		"update jqm.account set locked = true",
		"insert into jqm.account_role values (1, 1)",
		"update jqm.role set permissions = '{}'",
		"delete from jqm.global_parameter",
		"update jqm.node set stop = true",
		"delete from jqm.queue_mapping",
		"select * from jqm.admin_user",
		"select jqm.admin_store(jqm.admin_kind_of('q'), 1, '{}', '')",
	};
	(void)state;

	for (size_t i = 0; i < sizeof(denied) / sizeof(denied[0]); i++)
		assert_denied("jqm_api", denied[i]);
	assert_denied("jqm_backup", "select * from jqm.admin_user");
	assert_denied("jqm_client", "select jqm.admin_read('user', null)");
	assert_denied("jqm_runner", "select jqm.admin_read('user', null)");
}

/* Through each way that node n1's API could be turned off, beside a harmless change that goes with it. */
static void
a_list_leaves_the_admin_api_open_that_is_asked(void **state)
{
	static const struct {
		const char *kind, *list, *says;
	} cases[] = {
		{ "prm",
		  "[{\"key\":\"a\",\"value\":\"b\"},{\"key\":\"disableWsApi\",\"value\":\" "
		  "TRUE\"}]",
		  "parameter \"disableWsApi\"" },
		{ "prm", "[{\"key\":\"disableWsApiAdmin\",\"value\":\"true\"}]",
		  "parameter \"disableWsApiAdmin\"" },
		{ "node",
		  "[{\"id\":1,\"name\":\"n1\",\"dns\":\"x\",\"port\":1,\"jobRepoDirectory\":\"/"
		  "j\",\"outputDirectory\":\"/d\",\"loadApiAdmin\":false}]",
		  "\"loadApiAdmin\" of the node" },
	};
	struct db *db = connect_as("jqm_api");
	struct err err = ERR_INIT;
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("%s\n", cases[i].list);
		assert_int_equal(
		    admin_store_sync(db, cases[i].kind, cases[i].list, "", "n1", "me", &err), -1);
		assert_string_equal(err_kind_name(err.kind), err_kind_name(ERR_CONFLICT));
		assert_non_null(strstr(err.text, "admin API of node \"n1\""));
		assert_non_null(strstr(err.text, cases[i].says));
	}
	assert_value(
	    "select count(*) from jqm.global_parameter where key in ('a', 'disableWsApiAdmin')",
	    "0");
	assert_value("select dns || load_api_admin from jqm.node", "localhosttrue");
	/* another node's; and where it is off already there is nothing to keep */
	assert_int_equal(admin_store_sync(db, "node", cases[2].list, "", "n2", "me", &err), 0);
	assert_int_equal(admin_store_sync(db, "node", cases[2].list, "", "n1", "me", &err), 0);
	test_db_sql("update jqm.node set load_api_admin = true, dns = 'localhost'");
	db_free(db);
}

/* Every member that can be written is there to be read, and every column it goes to exists. */
static void
documents_and_tables_fit_each_other(void **state)
{
	(void)state;
	assert_value(
	    "select string_agg(f.kind || '.' || f.member, ' ') from jqm.admin_field as f"
	    " where coalesce(f.form, '') not in ('hash', 'sealed') and not exists (select from"
	    " information_schema.columns as c where c.table_schema = 'jqm'"
	    " and c.table_name = 'admin_' || f.kind and c.column_name = f.member)",
	    "");
	assert_value(
	    "select string_agg(f.kind || '.' || f.column_name, ' ') from jqm.admin_field as f"
	    " join jqm.admin_kind as k using (kind) where not exists (select from"
	    " information_schema.columns as c where c.table_schema = 'jqm'"
	    " and c.table_name = k.table_name and c.column_name = f.column_name)",
	    "");
}

static void
ends_are_counted_in_their_slots(void **state)
{
	struct db *db = connect_as("jqm_api");
	struct history_slot_list slots;
	struct err err = ERR_INIT;
	struct pool pool;
	int64_t ended = 0, crashed = 0;
	(void)state;

	pool_init(&pool);
	test_db_wait_away(300, 30);
	test_db_sql("select jqm.cancel(jqm.enqueue('Plain'), 'me') from generate_series(1, 6);"
		    "update jqm.history set state = 'ENDED', ended_at = now() where id %% 2 = 0;"
		    "update jqm.history set state = 'CRASHED', ended_at = now() - interval '1 h'"
		    " where id %% 2 = 1");
	assert_int_equal(history_stats_read(db, 1, &pool.memory, &slots, &err), 0);
	assert_int_equal(slots.len, 12);
	assert_int_equal(slots.items[11].ended, 3);
	assert_int_equal(slots.items[11].crashed, 0);
	assert_int_equal(history_stats_read(db, 24, &pool.memory, &slots, &err), 0);
	assert_int_equal(slots.len, 24);
	for (size_t i = 0; i < slots.len; i++) {
		ended += slots.items[i].ended;
		crashed += slots.items[i].crashed;
	}
	assert_int_equal(ended, 3);
	assert_int_equal(crashed, 3);
	assert_false(slots.items[23].run_ms.set);
	test_db_sql("update jqm.history set started_at = ended_at - interval '2 s',"
		    " enqueued_at = ended_at - interval '9 s',"
		    " run_after = ended_at - interval '5 s' where state = 'ENDED' and id <= 4;"
		    "update jqm.history set ended_at = now() - interval '29 d' where state = "
		    "'CRASHED'");
	assert_int_equal(history_stats_read(db, 720, &pool.memory, &slots, &err), 0);
	assert_int_equal(slots.len, 30);
	assert_int_equal(slots.items[0].crashed, 3);
	assert_int_equal(slots.items[29].ended, 3);
	assert_int_equal(slots.items[29].wait_ms.value, 3000);
	assert_int_equal(slots.items[29].run_max_ms.value, 2000);
	assert_value("select count(*) from jqm.history_stats(24) where slot_start !~ ':00:00Z$'",
		     "0");
	pool_free(&pool);
	db_free(db);
}

static void
a_queue_tells_since_when_it_has_not_kept_up(void **state)
{
	struct db *db = connect_as("jqm_api");
	struct queue_load_list queues;
	struct err err = ERR_INIT;
	struct pool pool;
	(void)state;

	pool_init(&pool);
	test_db_sql("select jqm.enqueue('Plain') from generate_series(1, 3);"
		    "update jqm.job_instance set enqueued_at = now() - interval '1 h',"
		    " runnable_at = now() - interval '10 min'");
	assert_int_equal(queue_stats_read(db, &pool.memory, &queues, &err), 0);
	for (size_t i = 0; i < queues.len; i++)
		if (queues.items[i].waiting > 0)
			assert_true(queues.items[i].waiting_since.set);
	assert_value(
	    "select sum(waiting) || ' ' || bool_and(waiting_since = now() - interval '10 min'"
	    " or abs(extract(epoch from now() - waiting_since) - 600) < 60)"
	    " from jqm.queue_stats() where waiting > 0",
	    "3 true");
	assert_value("select count(*) = (select count(*) from jqm.queue) from jqm.queue_stats()",
		     "t");
	test_db_sql("delete from jqm.job_instance");
	pool_free(&pool);
	db_free(db);
}

/* Else each has what the other wants next, and one of them is told to try again. */
static void
who_changes_one_waits_for_who_changes_the_list_before_he_has_a_row(void **state)
{
	struct db *one = connect_as("postgres"), *list = connect_as("postgres");
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(
	    db_exec_sql(one, "begin; select jqm.admin_lock(jqm.admin_kind_of('q'), 1)", &err), 0);
	assert_refused(list, "begin; lock table jqm.queue in share row exclusive mode nowait",
		       ERR_BUSY, "could not obtain lock");
	db_free(list);
	db_free(one);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(direct_sql_is_refused_by_the_names_users_know),
		cmocka_unit_test(what_is_in_use_stays_and_says_by_what),
		cmocka_unit_test(nothing_takes_the_last_administrator_away),
		with_dba(two_who_take_one_each_of_the_last_two_meet),
		with_dba(who_waits_for_another_edit_is_told_of_it),
		cmocka_unit_test(a_refusal_carries_the_key_of_consoles),
		cmocka_unit_test(a_list_leaves_the_admin_api_open_that_is_asked),
		cmocka_unit_test(
		    who_changes_one_waits_for_who_changes_the_list_before_he_has_a_row),
		cmocka_unit_test(the_api_changes_configuration_by_functions_only),
		cmocka_unit_test(documents_and_tables_fit_each_other),
		cmocka_unit_test(ends_are_counted_in_their_slots),
		cmocka_unit_test(a_queue_tells_since_when_it_has_not_kept_up),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
