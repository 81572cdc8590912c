/* SPDX-License-Identifier: Apache-2.0 */
/* client/verb.c: the table.  Whoever orders something in the database is named in what the job's messages say of it. */
#include "client/verb.h"

#define ME "'sql:' || session_user"
#define IDS(param) "ARRAY (SELECT i::bigint FROM jsonb_array_elements_text(" param "::jsonb) AS i)"

/* ns: how many parameters.  ORDERS have no answer. */
#define ORDERS(n, ns, sql) { .name = "client_" n, .text = "SELECT " sql, .n_params = (ns) }, false
#define CHANGES(n, ns, sql) { .name = "client_" n, .text = "SELECT " sql, .n_params = (ns) }, true
#define READS(n, ns, sql) \
	{ .name = "client_" n, .text = "SELECT " sql, .n_params = (ns), .read_only = true }, true

#define NEWEST(n, before, parent)                                                            \
	"jqm.client_query(jsonb_strip_nulls(jsonb_build_object('queryLiveInstances', true, " \
	"'queryHistoryInstances', true, 'sortby', "                                          \
	"'[{\"col\":\"ID\",\"order\":\"DESCENDING\"}]'::jsonb, "                             \
	"'pageSize', " n "::int, 'after', " before "::bigint, 'parentId', " parent           \
	"))) -> 'instances'"

/* clang-format off */
const struct verb_row verbs[VERBS] = {
	[VERB_ENQUEUE] = { "POST", "/ws/client/ji", VERB_BODY_JSON,
	    CHANGES("enqueue", 1, "jsonb_build_object('id', jqm.client_enqueue($1::jsonb))") },
	[VERB_ENQUEUE_ALL] = { "POST", "/ws/client/ji/bulk/requests", VERB_BODY_JSON,
	    CHANGES("enqueue_all", 1, "jqm.client_enqueue_all($1::jsonb)") },
	[VERB_ENQUEUE_AGAIN] = { "POST", "/ws/client/ji/{1}", VERB_BODY_NONE,
	    CHANGES("enqueue_again", 1, "jqm.enqueue_again($1, " ME ")") },
	[VERB_ENQUEUE_AGAIN_ALL] = { "POST", "/ws/client/ji/bulk", VERB_BODY_JSON,
	    CHANGES("enqueue_again_all", 1, "coalesce(json_agg(d), '[]') FROM jqm.do_to_all('enqueue_again', "
		IDS("$1") ", " ME ") AS d") },
	[VERB_RESTART] = { "DELETE", "/ws/client/ji/crashed/{1}", VERB_BODY_NONE,
	    CHANGES("restart", 1, "jsonb_build_object('id', jqm.restart_crashed($1, " ME "))") },
	[VERB_CANCEL] = { "POST", "/ws/client/ji/cancelled/{1}", VERB_BODY_NONE,
	    ORDERS("cancel", 1, "jqm.cancel($1, " ME ")") },
	[VERB_KILL] = { "POST", "/ws/client/ji/killed/{1}", VERB_BODY_NONE,
	    ORDERS("kill", 1, "jqm.kill($1, " ME ")") },
	[VERB_DELETE] = { "DELETE", "/ws/client/ji/waiting/{1}", VERB_BODY_NONE,
	    ORDERS("delete", 1, "jqm.delete($1)") },
	[VERB_HOLD] = { "POST", "/ws/client/ji/paused/{1}", VERB_BODY_NONE,
	    ORDERS("hold", 1, "jqm.hold($1, " ME ")") },
	[VERB_RELEASE] = { "DELETE", "/ws/client/ji/paused/{1}", VERB_BODY_NONE,
	    ORDERS("release", 1, "jqm.resume($1, " ME ")") },
	[VERB_PAUSE] = { "POST", "/ws/client/ji/running/paused/{1}", VERB_BODY_NONE,
	    ORDERS("pause", 1, "jqm.pause_running($1, " ME ")") },
	[VERB_RESUME] = { "DELETE", "/ws/client/ji/running/paused/{1}", VERB_BODY_NONE,
	    ORDERS("resume", 1, "jqm.resume_running($1, " ME ")") },
	[VERB_SET_QUEUE] = { "POST", "/ws/client/q/{2}/{1}", VERB_BODY_NONE,
	    ORDERS("set_queue", 2, "jqm.set_queue($1, $2)") },
	[VERB_SET_POSITION] = { "POST", "/ws/client/ji/{1}/position/{2}", VERB_BODY_NONE,
	    ORDERS("set_position", 2, "jqm.set_position($1, $2)") },
	[VERB_SET_PRIORITY] = { "POST", "/ws/client/ji/{1}/priority/{2}", VERB_BODY_NONE,
	    ORDERS("set_priority", 2, "jqm.set_priority($1, $2)") },
	[VERB_SET_RUN_AFTER] = { "POST", "/ws/client/ji/{1}/delay/{2}", VERB_BODY_NONE,
	    ORDERS("set_run_after", 2, "jqm.set_run_after($1, jqm.client_moment($2))") },
	[VERB_KILL_ALL] = { "POST", "/ws/client/ji/killed", VERB_BODY_JSON,
	    CHANGES("kill_all", 1, "count(*) FROM jqm.do_to_all('kill', " IDS("$1") ", " ME ")") },
	[VERB_HOLD_ALL] = { "POST", "/ws/client/ji/paused", VERB_BODY_JSON,
	    CHANGES("hold_all", 1, "count(*) FROM jqm.do_to_all('hold', " IDS("$1") ", " ME ")") },
	[VERB_RELEASE_ALL] = { "POST", "/ws/client/ji/resumed", VERB_BODY_JSON,
	    CHANGES("release_all", 1, "count(*) FROM jqm.do_to_all('resume', " IDS("$1") ", " ME ")") },
	[VERB_SET_QUEUE_ALL] = { "POST", "/ws/client/q/{1}/bulk", VERB_BODY_JSON,
	    CHANGES("set_queue_all", 2, "count(*) FROM jqm.do_to_all('set_queue', " IDS("$2") ", " ME ", $1)") },
	[VERB_JOB] = { "GET", "/ws/client/ji/{1}", VERB_BODY_NONE,
	    READS("job", 1, "jqm.client_job($1)") },
	[VERB_QUERY] = { "POST", "/ws/client/ji/query", VERB_BODY_JSON,
	    READS("query", 1, "jqm.client_query($1::jsonb)") },
	[VERB_JOBS_NEWEST] = { "GET", "/ws/client/ji?newest={1}&before={2}", VERB_BODY_NONE,
	    READS("jobs_newest", 2, NEWEST("$1", "$2", "NULL")) },
	[VERB_CHILDREN_NEWEST] = { "GET", "/ws/client/ji?newest={1}&before={2}&parent={3}", VERB_BODY_NONE,
	    READS("children_newest", 3, NEWEST("$1", "$2", "$3::bigint")) },
	[VERB_JOBS_LIVE] = { "GET", "/ws/client/ji/active?oldest={1}", VERB_BODY_NONE,
	    READS("jobs_live", 1, "jqm.client_query(jsonb_build_object('queryLiveInstances', true, "
		"'pageSize', $1::int)) -> 'instances'") },
	[VERB_MESSAGES] = { "GET", "/ws/client/ji/{1}/messages", VERB_BODY_NONE,
	    READS("messages", 1, "jqm.client_job($1) -> 'messages'") },
	[VERB_SAY] = { "POST", "/ws/client/ji/{1}/messages", VERB_BODY_TEXT,
	    ORDERS("say", 2, "jqm.say($1, $2)") },
	[VERB_SET_PROGRESS] = { "POST", "/ws/client/ji/{1}/progress/{2}", VERB_BODY_NONE,
	    ORDERS("set_progress", 2, "jqm.set_progress($1, $2)") },
	[VERB_FILES] = { "GET", "/ws/client/ji/{1}/files", VERB_BODY_NONE,
	    READS("files", 1, "jqm.client_files($1)") },
	[VERB_INPUT_GIVE] = { "POST", "/ws/client/ji/{1}/files/{2}", VERB_BODY_BYTES,
	    CHANGES("input_give", 3, "jqm.add_input_file($1, $2, $3)") },
	[VERB_QUEUES] = { "GET", "/ws/client/q", VERB_BODY_NONE,
	    READS("queues", 0, "jqm.client_queues()") },
	[VERB_QUEUE_PAUSE] = { "POST", "/ws/client/q/{1}/pause", VERB_BODY_NONE,
	    ORDERS("queue_pause", 1, "jqm.queue_pause($1)") },
	[VERB_QUEUE_RESUME] = { "DELETE", "/ws/client/q/{1}/pause", VERB_BODY_NONE,
	    ORDERS("queue_resume", 1, "jqm.queue_resume($1)") },
	[VERB_QUEUE_CLEAR] = { "POST", "/ws/client/q/{1}/clear", VERB_BODY_NONE,
	    ORDERS("queue_clear", 1, "jqm.queue_clear($1, " ME ")") },
	[VERB_QUEUE_STATUS] = { "GET", "/ws/client/q/{1}/status", VERB_BODY_NONE,
	    READS("queue_status", 1, "jsonb_build_object('value', jqm.queue_status($1))") },
	[VERB_QUEUE_CAPACITY] = { "GET", "/ws/client/q/{1}/enabled-capacity", VERB_BODY_NONE,
	    READS("queue_capacity", 1, "jqm.queue_capacity($1)") },
	[VERB_DEFINITIONS] = { "GET", "/ws/client/jd", VERB_BODY_NONE,
	    READS("definitions", 0, "jqm.client_definitions(NULL, NULL)") },
	[VERB_DEFINITIONS_OF] = { "GET", "/ws/client/jd/{1}", VERB_BODY_NONE,
	    READS("definitions_of", 1, "jqm.client_definitions($1, NULL)") },
	[VERB_DEFINITION] = { "GET", "/ws/client/jd/name/{1}", VERB_BODY_NONE,
	    READS("definition", 1, "jqm.client_definition($1)") },
	[VERB_SCHEDULES] = { "GET", "/ws/client/schedule", VERB_BODY_NONE,
	    READS("schedules", 0, "jqm.client_schedules(NULL, NULL)") },
	[VERB_SCHEDULE] = { "GET", "/ws/client/schedule/{1}", VERB_BODY_NONE,
	    READS("schedule", 1, "jqm.client_schedule($1)") },
	/* The database has no calendar: it gives the schedule. */
	[VERB_SCHEDULE_NEXT] = { "GET", "/ws/client/schedule/{1}/next?count={2}", VERB_BODY_NONE,
	    READS("schedule_next", 2, "jqm.client_schedule($1) FROM (SELECT $2::int) AS n") },
	[VERB_SCHEDULE_DELETE] = { "DELETE", "/ws/client/schedule/{1}", VERB_BODY_NONE,
	    ORDERS("schedule_delete", 1, "jqm.schedule_delete($1)") },
	[VERB_SCHEDULE_PAUSE] = { "POST", "/ws/client/schedule/{1}/pause", VERB_BODY_NONE,
	    ORDERS("schedule_pause", 1, "jqm.schedule_set_enabled($1, false)") },
	[VERB_SCHEDULE_RESUME] = { "DELETE", "/ws/client/schedule/{1}/pause", VERB_BODY_NONE,
	    ORDERS("schedule_resume", 1, "jqm.schedule_set_enabled($1, true)") },
	[VERB_SCHEDULE_SET_QUEUE] = { "POST", "/ws/client/schedule/{1}/queue/{2}", VERB_BODY_NONE,
	    ORDERS("schedule_set_queue", 2, "jqm.schedule_set_queue($1, nullif($2::bigint, 0))") },
	[VERB_SCHEDULE_SET_PRIORITY] = { "POST", "/ws/client/schedule/{1}/priority/{2}", VERB_BODY_NONE,
	    ORDERS("schedule_set_priority", 2, "jqm.schedule_set_priority($1, $2)") },
	[VERB_SCHEDULE_SET_CRON] = { "POST", "/ws/client/schedule/{1}/cron/{2}", VERB_BODY_NONE,
	    ORDERS("schedule_set_cron", 2, "jqm.schedule_set_cron($1, $2)") },
};
/* clang-format on */

bool
verb_is_order(enum verb verb)
{
	return !verbs[verb].stmt.read_only;
}
