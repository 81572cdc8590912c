/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "db/db.h"
#include "store/job_instance_store.h"
#include "tests/lib/test_db.h"

int
store_set_up(void **state)
{
	struct store_fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	(void)test_db_create("store");
	test_db_sql("SET ROLE jqm_owner;"
		    "INSERT INTO jqm.queue (name) VALUES ('SLOW');"
		    "INSERT INTO jqm.job_def (name, queue_id, path, path_type, keyword1, module,"
		    " parameters) SELECT 'billing', id, 'true', 'DEFAULTSHELLCOMMAND', 'finance',"
		    " 'm', '{\"mode\": \"full\", \"month\": \"01\"}' FROM jqm.queue"
		    " WHERE default_queue;"
		    "INSERT INTO jqm.job_def (name, queue_id, path, path_type, highlander)"
		    " SELECT 'single', id, 'true', 'DEFAULTSHELLCOMMAND', true FROM jqm.queue"
		    " WHERE default_queue;"
		    "SELECT jqm.node_register('alpha', gen_random_uuid(), 15000, '/j', '/o', '/t',"
		    " 'localhost', 1789);");
	f->db = db_new(test_db_conninfo_as("jqm_api"), "test_store");
	pool_init(&f->pool);
	*state = f;
	return 0;
}

int
store_tear_down(void **state)
{
	struct store_fixture *f = *state;

	db_free(f->db);
	pool_free(&f->pool);
	free(f);
	return 0;
}

int64_t
store_enqueue(struct store_fixture *f, const struct job_request *request)
{
	int64_t id = 0;

	if (job_instance_enqueue(f->db, request, &id, &f->err) == -1)
		fail_msg("not enqueued: %s", f->err.text);
	return id;
}

struct job_instance
store_read_job(struct store_fixture *f, int64_t id)
{
	struct job_instance job;

	if (job_instance_read(f->db, id, &f->pool.memory, &job, &f->err) == -1)
		fail_msg("not read: %s", f->err.text);
	return job;
}

void
store_claim_and_start(void)
{
	test_db_sql("SELECT jqm.claim(n.id, n.incarnation, q.id, 10) FROM jqm.node n, jqm.queue q;"
		    "SELECT jqm.mark_started(n.id, n.incarnation, (SELECT jsonb_agg("
		    "jsonb_build_object('id', id, 'attempt', attempt, 'ago_ms', 0))"
		    " FROM jqm.job_instance WHERE state = 'ATTRIBUTED')) FROM jqm.node n");
}

void
store_finish(int64_t id, const char *more)
{
	test_db_sql("SELECT jqm.finish(n.id, n.incarnation, '[{\"id\": %ld, \"attempt\": 1, %s}]')"
		    " FROM jqm.node n",
		    (long)id, more);
}
