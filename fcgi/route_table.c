/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/route_table.c: every path there is.  The first row that matches wins, so fixed words stand
 * before {..}.  GET serves HEAD too.
 *
 * Permissions are JQM's, with its holes closed: files need files:read through both doors (JQM's
 * simple API gave them to job_instance:read), orders to jobs take create or update, version
 * reveals nothing.
 */
#include "codec/docs.h"
#include "fcgi/handlers/handlers.h"
#include "fcgi/handlers/transfer.h"
#include "fcgi/route.h"
#include "fcgi/route_examples.h"
#include "model/certificate.h"

#define TEXT "text/plain"
#define HTML "text/html"
#define BYTES "application/octet-stream"
#define JSON "application/json"
#define XML "application/xml"
#define ZIP "application/zip"
#define PEM "application/x-pem-file"
#define LINES "application/x-ndjson" /* JSON, one document a line */
#define DOCUMENT "application/xml,application/json" /* who has no wish gets XML, as in JQM */
#define ORDER "job_instance:create|job_instance:update"
#define ORDER_BACK "job_instance:delete|" ORDER /* who may give it may take it back */
#define QUEUE_ORDER "queue_position:create|queue_position:update"
#define HEALTH "logs:read|metrics:read" /* JQM 2.2's, and what an account for monitoring has */
#define JOBS ROUTE_FOR_JOBS
#define SCOPED ROUTE_SCOPED
#define QUICK ROUTE_ONE_STATEMENT
#define KEY ROUTE_ADDRESS_IS_KEY
/* Who may write anything of that; import_wish.c asks for what an import really does. */
#define MAY_WRITE(object) object ":create|" object ":update"
#define EVENTS "text/event-stream"
#define NUMBER "text/plain,application/json" /* who has no wish gets text, as in JQM */
#define QUEUE_STATUS "application/xml,text/plain,application/json"

/* What a row leaves out is none; route.h says what may be left out, a test looks for the rest. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

/* clang-format off */
#define ATTEMPT { "attempt", VALUE_INTEGER, false, "of which attempt; the newest when absent", 1, INT32_MAX }
#define OFFSETS { "offsets", VALUE_TEXT, false, "written: offsets as the job wrote them, also when the middle of its log is gone; needs a Range" }
#define JOB { "id", VALUE_INTEGER, true, "number of the job", 0, INT64_MAX }
#define DRY_IMPORT { "dryRun", VALUE_BOOLEAN, false, "tell what would change, change nothing" }
#define DRY_RUN { "dryRun", VALUE_BOOLEAN, false, "count only" }
#define LATEST { "latest", VALUE_INTEGER, false, "how many lines, 10000 at most", 0, INT64_MAX }
#define ASKED { "asked", VALUE_TEXT, false, "the request at the other node, for the log" }
#define AUDIT_FILTER { "from", VALUE_TEXT, false, "not before that date" }, { "until", VALUE_TEXT, false, "before that date" }, \
	{ "account", VALUE_TEXT, false, "login of who did it" }, { "kind", VALUE_TEXT, false, "of the object" }, \
	{ "object", VALUE_INTEGER, false, "its number", 0, INT64_MAX }, { "action", VALUE_TEXT, false, "what was done" }, \
	{ "request", VALUE_TEXT, false, "id of the request" }, \
	{ "before", VALUE_TEXT, false, "older than that row: next of the page before" }
#define EVENT_TEXT(name, what) { name, VALUE_TEXTS, false, what, 0, 0 }
#define COUNT { "count", VALUE_INTEGER, false, "how many times; 10 when absent", 1, 100 }
#define MANY "an array of the numbers of jobs, or a query that filters something: its sources, sorting and paging do not count.  Jobs whose state does not allow it are passed over."

/*
 * One kind of configuration object: the list (GET; PUT of an array, JQM 2.2's: what is not in it goes) and its
 * items.  POST of an object with an id changes that one.  admin.c finds the kind in the path, and asks for
 * the other permissions that a POST or an array needs.
 */
#define CONFIGURATION(path, object, read_all, read, doc, list, sync, what)                                            \
	{ "GET", path, API_ADMIN, BODY_NONE, read_all, 0, list, JSON, NULL, &(doc), "list: " what,          \
	    .answers = SHAPE_LIST, .has_state = true },                                                     \
	{ "POST", path, API_ADMIN, BODY_JSON, object ":create", 0, admin_put, JSON, &(doc), NULL,       \
	    "make or change: " what, .answers = SHAPE_NOTHING, .has_state = true, .once = ONCE,             \
	    .note = "With an id that one is changed, which takes " object ":update too." },                 \
	{ "PUT", path, API_ADMIN, BODY_JSON, object ":update", 0, sync, JSON, &(doc), NULL,             \
	    "replace the list: " what, .takes = TAKEN_BY_##sync, .answers = SHAPE_NOTHING,                  \
	    .has_state = true, .note = "What is not in the array is deleted; all or nothing.  It takes "    \
	    object ":create and " object ":delete too.  409 when it would leave no administrator, or turn " \
	    "off the admin API it comes through." },                                                        \
	{ "GET", path "/{id}", API_ADMIN, BODY_NONE, read, 0, admin_read, JSON, NULL, &(doc),           \
	    "one " what, .has_state = true },                                                               \
	{ "PUT", path "/{id}", API_ADMIN, BODY_JSON, object ":update", 0, admin_put_item, JSON, &(doc), \
	    NULL, "change: " what, .answers = SHAPE_NOTHING, .has_state = true },                           \
	{ "DELETE", path "/{id}", API_ADMIN, BODY_NONE, object ":delete", 0, admin_delete, JSON, NULL,  \
	    NULL, "delete: " what, .answers = SHAPE_NOTHING, .has_state = true }
#define TAKEN_BY_admin_sync SHAPE_LIST
#define TAKEN_BY_admin_sync_nodes SHAPE_OBJECT_OR_LIST

const struct route routes[] = {
	{ "GET", "/ws/openapi.json", API_NONE, BODY_NONE, PERMISSION_ANY_ACCOUNT, JOBS,
	    openapi_read, JSON, NULL, NULL, "this description of all paths", .answers = SHAPE_ANY, .has_state = true },

	{ "GET", "/ws/metrics", API_NONE, BODY_NONE, "metrics:read", QUICK,
	    metrics_read, NULL, NULL, NULL, "figures for Prometheus, in its text format 0.0.4", .sent_as = TEXT, .example = EXAMPLE_FIGURES,
	    .note = "One look at them costs the same however much history there is.", .patience_s = 5 },

	/* ---- simple: forms and plain text, for scripts ---- */
	{ "GET", "/ws/simple/status", API_SIMPLE, BODY_NONE, "job_instance:read", JOBS | SCOPED | QUICK,
	    job_status_text, TEXT, NULL, NULL, "state of a job", .query = VALUES(JOB), .example = "ENDED" },
	{ "POST", "/ws/simple/ji", API_SIMPLE, BODY_FORM, "job_instance:create", JOBS | SCOPED | QUICK,
	    job_submit_form, TEXT, NULL, NULL, "enqueue a job",
	    .answers = SHAPE_NUMBER, .note = "Answered with the number of the job.",
	    .form = VALUES({ "applicationname", VALUE_TEXT, true, "name of the job definition to run" },
		{ "user", VALUE_TEXT, false, "for whom the job runs; the caller's login when absent" },
		{ "module", VALUE_TEXT, false, "classification" },
		{ "mail", VALUE_TEXT, false, "who is told when the job is over" },
		{ "keyword1", VALUE_TEXT, false, "classification" },
		{ "keyword2", VALUE_TEXT, false, "classification" },
		{ "keyword3", VALUE_TEXT, false, "classification" },
		{ "parentid", VALUE_INTEGER, false, "job that this one belongs to", 0, INT64_MAX },
		{ "sessionid", VALUE_TEXT, false, "free text to find the job by" },
		{ "maxattempts", VALUE_INTEGER, false, "how often it is tried while it fails", 1, 100 },
		{ "concurrencykey", VALUE_TEXT, false, "limit of the cluster it counts for" },
		{ "idempotencykey", VALUE_TEXT, false, "sent again within its life: answered with the first job" },
		{ "parameterNames", VALUE_TEXTS, false, "the n-th name goes with the n-th value" },
		{ "parameterValues", VALUE_TEXTS, false, "values of parameters" },
		{ "secretParameters", VALUE_TEXTS, false, "names of those that are secret" },
		{ "waitfor", VALUE_TEXTS, false, "jobs to wait for: 12 or success:12, failure:12, end:12" }), .once = ONCE },
	{ "GET", "/ws/simple/stdout", API_SIMPLE, BODY_NONE, "logs:read", JOBS | SCOPED,
	    job_stdout_by_query, BYTES, NULL, NULL, "standard output of a job, or of one attempt",
	    .query = VALUES(JOB, ATTEMPT, OFFSETS) },
	{ "GET", "/ws/simple/stderr", API_SIMPLE, BODY_NONE, "logs:read", JOBS | SCOPED,
	    job_stderr_by_query, BYTES, NULL, NULL, "standard error of a job, or of one attempt",
	    .query = VALUES(JOB, ATTEMPT, OFFSETS) },
	{ "GET", "/ws/simple/file", API_SIMPLE, BODY_NONE, "files:read", JOBS | SCOPED,
	    file_by_random_id, BYTES, NULL, NULL, "file left by a job, by its GUID",
	    .query = VALUES({ "id", VALUE_TEXT, true, "its GUID" }) },
	{ "GET", "/ws/simple/link", API_SIMPLE, BODY_NONE, PERMISSION_PUBLIC, KEY,
	    file_by_link, BYTES, NULL, NULL, "file left by a job, for whoever has a link to it",
	    .query = VALUES({ "token", VALUE_TEXT, true, "of the link" }) },
	{ "GET", "/ws/simple/enginelog", API_SIMPLE, BODY_NONE, PERMISSION_ALL, 0,
	    node_log_tail, TEXT, NULL, NULL, "last lines of this node's log, newest first",
	    .query = VALUES(LATEST), .example = EXAMPLE_LOG },
	{ "GET", "/ws/simple/localnode/health", API_SIMPLE, BODY_NONE, HEALTH, QUICK | ROUTE_MAY_BE_PUBLIC,
	    node_health, TEXT, NULL, NULL, "does this node poll its queues",
	    .note = "While the global parameter enableAnonymousHealth is true nobody has to log in for it.",
	    .example = "Pollers are polling", .patience_s = 5 },

	/* ---- client: submit, follow and steer jobs ---- */
	{ "POST", "/ws/client/ji", API_CLIENT, BODY_DOCUMENT, "job_instance:create", JOBS | SCOPED | QUICK,
	    job_submit, DOCUMENT, &job_request_doc, &job_instance_doc, "enqueue a job", .once = ONCE },
	{ "GET", "/ws/client/ji", API_CLIENT, BODY_NONE, "job_instance:read", JOBS | SCOPED,
	    job_list_all, DOCUMENT, NULL, &job_instance_doc,
	    "jobs, live and past", .answers = SHAPE_LIST,
	    .note = "Without parameters the 50 oldest.  Pages by key: newest=50&before=ID, parent=ID&after=ID, or "
		"waitsFor=ID&oldest=50&after=ID, with the number of the last job of the page before.",
	    .query = VALUES({ "newest", VALUE_INTEGER, false, "so many, the newest first", 1, 1000 },
		{ "before", VALUE_INTEGER, false, "with newest: older than the job of this number", 1, INT64_MAX },
		{ "parent", VALUE_INTEGER, false, "children of this job only, 1000 at most", 1, INT64_MAX },
		{ "waitsFor", VALUE_INTEGER, false, "those only that were told to wait for this job", 1, INT64_MAX },
		{ "oldest", VALUE_INTEGER, false, "with waitsFor: so many; 1000 when absent", 1, 1000 },
		{ "after", VALUE_INTEGER, false, "with parent or waitsFor: newer than the job of this number", 1, INT64_MAX }) },
	{ "GET", "/ws/client/ji/active", API_CLIENT, BODY_NONE, "job_instance:read", SCOPED,
	    job_list_active, DOCUMENT, NULL, &job_instance_doc, "the oldest live jobs",
	    .answers = SHAPE_LIST, .query = VALUES({ "oldest", VALUE_INTEGER, false, "how many; 50 when absent", 1, 1000 }) },
	{ "GET", "/ws/client/ji/query", API_CLIENT, BODY_NONE, "job_instance:read", SCOPED,
	    job_query_blank, DOCUMENT, NULL, &job_query_doc, "a query to fill in" },
	{ "POST", "/ws/client/ji/query", API_CLIENT, BODY_DOCUMENT, "job_instance:read", SCOPED,
	    job_query_run, DOCUMENT, &job_query_doc, &job_query_doc, "jobs by what they are, in pages",
	    .note = "The question is the answer, with the jobs in it.  Pages by key: send after, the number of the last job of "
		"the page before, sorted by ID or by nothing; firstRow is for old clients and reads all that it leaves out.  "
		"Totals over 10000 are estimates (resultSizeEstimated) unless exactTotal is asked; with after there are none." },
	{ "POST", "/ws/client/ji/query/ids", API_CLIENT, BODY_DOCUMENT, "job_instance:read", SCOPED,
	    job_query_ids, JSON, &job_query_doc, NULL, "their numbers only",
	    .answers = SHAPE_NUMBERS },
	{ "POST", "/ws/client/ji/files", API_CLIENT, BODY_DOCUMENT, "files:read", JOBS | SCOPED,
	    file_by_document, BYTES, &deliverable_doc, NULL, "file left by a job, by its description" },
	{ "GET", "/ws/client/ji/files/{fileId}", API_CLIENT, BODY_NONE, "files:read", JOBS | SCOPED,
	    file_by_id, BYTES, NULL, NULL, "file left by a job, by its number",
	    .query = VALUES({ "name", VALUE_TEXT, false, "original: offered under the name its job gave it, not JQM's" }) },
	{ "POST", "/ws/client/ji/files/{fileId}/link", API_CLIENT, BODY_NONE, "files:read", SCOPED,
	    file_link_give, JSON, NULL, &file_link_doc, "a link that opens the file without an account",
	    .query = VALUES({ "seconds", VALUE_INTEGER, false, "how long; a day when absent", 1, INT64_MAX }), .once = ONCE_SECRET },
	{ "DELETE", "/ws/client/ji/files/{fileId}/link", API_CLIENT, BODY_NONE, "files:read", SCOPED,
	    file_link_take_back, JSON, NULL, NULL, "the caller's links to the file open nothing any more",
	    .answers = SHAPE_NUMBER, .note = "Answered with how many there were." },
	{ "POST", "/ws/client/ji/bulk", API_CLIENT, BODY_DOCUMENT, "job_instance:create", SCOPED,
	    job_enqueue_all_again, JSON, NULL, NULL,
	    "enqueue past jobs once more", .takes = SHAPE_JOBS, .answers = SHAPE_JOBS_OR_COUNT,
	    .note = MANY "  Answered with the new numbers.", .query = VALUES(DRY_RUN), .once = ONCE },
	{ "POST", "/ws/client/ji/bulk/requests", API_CLIENT, BODY_DOCUMENT, "job_instance:create", JOBS | SCOPED | QUICK,
	    job_submit_all, JSON, &job_request_doc, NULL, "enqueue an array of jobs, all or none",
	    .takes = SHAPE_LIST, .answers = SHAPE_NUMBERS, .note = "10000 at most; answered with their numbers, in the same order.", .once = ONCE },
	{ "POST", "/ws/client/ji/killed", API_CLIENT, BODY_DOCUMENT, ORDER, SCOPED,
	    job_kill_all, JSON, NULL, NULL, "end many jobs, those held excepted",
	    .takes = SHAPE_JOBS, .answers = SHAPE_NUMBER, .note = MANY "  Answered with how many it was done to.",
	    .query = VALUES(DRY_RUN) },
	{ "POST", "/ws/client/ji/paused", API_CLIENT, BODY_DOCUMENT, ORDER, SCOPED,
	    job_hold_all, JSON, NULL, NULL, "hold many waiting jobs",
	    .takes = SHAPE_JOBS, .answers = SHAPE_NUMBER, .note = MANY "  Answered with how many it was done to.",
	    .query = VALUES(DRY_RUN) },
	{ "POST", "/ws/client/ji/resumed", API_CLIENT, BODY_DOCUMENT, ORDER_BACK, SCOPED,
	    job_resume_all, JSON, NULL, NULL, "let many held jobs wait for their turn again",
	    .takes = SHAPE_JOBS, .answers = SHAPE_NUMBER, .note = MANY "  Answered with how many it was done to.",
	    .query = VALUES(DRY_RUN) },
	{ "POST", "/ws/client/ji/killed/{id}", API_CLIENT, BODY_NONE, ORDER, SCOPED,
	    job_kill, NULL, NULL, NULL, "end a job wherever it is" },
	{ "POST", "/ws/client/ji/cancelled/{id}", API_CLIENT, BODY_NONE, ORDER, SCOPED,
	    job_cancel, NULL, NULL, NULL, "take a waiting job out of its queue" },
	{ "POST", "/ws/client/ji/paused/{id}", API_CLIENT, BODY_NONE, ORDER, SCOPED,
	    job_hold, NULL, NULL, NULL, "hold a waiting job" },
	{ "DELETE", "/ws/client/ji/paused/{id}", API_CLIENT, BODY_NONE, ORDER_BACK, SCOPED,
	    job_resume, NULL, NULL, NULL, "let a held job wait for its turn again" },
	{ "POST", "/ws/client/ji/running/paused/{id}", API_CLIENT, BODY_NONE, ORDER, SCOPED,
	    job_pause_running, NULL, NULL, NULL, "let a running job stand still" },
	{ "DELETE", "/ws/client/ji/running/paused/{id}", API_CLIENT, BODY_NONE, ORDER_BACK, SCOPED,
	    job_resume_running, NULL, NULL, NULL, "let a paused job go on" },
	{ "DELETE", "/ws/client/ji/waiting/{id}", API_CLIENT, BODY_NONE, "job_instance:delete", SCOPED,
	    job_delete, NULL, NULL, NULL, "remove a waiting job without a trace" },
	{ "DELETE", "/ws/client/ji/crashed/{id}", API_CLIENT, BODY_NONE, "job_instance:delete", SCOPED,
	    job_restart, DOCUMENT, NULL, &job_instance_doc, "a new job in place of a crashed or killed one" },
	{ "POST", "/ws/client/ji/{id}/position/{n}", API_CLIENT, BODY_NONE, ORDER, SCOPED,
	    job_set_position, NULL, NULL, NULL, "give a waiting job the n-th place of its queue and priority" },
	{ "POST", "/ws/client/ji/{id}/priority/{n}", API_CLIENT, BODY_NONE, ORDER, SCOPED,
	    job_set_priority, NULL, NULL, NULL, "1 to 10, 10 first; 0: none" },
	{ "POST", "/ws/client/ji/{id}/delay/{n}", API_CLIENT, BODY_NONE, ORDER, SCOPED,
	    job_set_run_after, NULL, NULL, NULL, "not before n milliseconds since 1970" },
	{ "POST", "/ws/client/ji/{id}", API_CLIENT, BODY_NONE, "job_instance:create", SCOPED,
	    job_enqueue_again, NUMBER, NULL, NULL, "enqueue a past job once more",
	    .answers = SHAPE_NUMBER, .note = "Answered with the number of the new job.", .once = ONCE },
	{ "GET", "/ws/client/ji/{id}", API_CLIENT, BODY_NONE, "job_instance:read", JOBS | SCOPED | QUICK,
	    job_read_one, DOCUMENT, NULL, &job_instance_doc, "one job" },
	{ "GET", "/ws/client/ji/{id}/messages", API_CLIENT, BODY_NONE, "job_instance:read", JOBS | SCOPED,
	    job_list_messages, JSON, NULL, NULL, "what the job and the system said about it",
	    .answers = SHAPE_TEXTS },
	{ "POST", "/ws/client/ji/{id}/messages", API_CLIENT, BODY_FORM, ORDER, JOBS | SCOPED,
	    job_report_message, NULL, NULL, NULL, "say something about a job",
	    .form = VALUES({ "text", VALUE_TEXT, true, "what" }), .once = ONCE },
	{ "POST", "/ws/client/ji/{id}/progress/{n}", API_CLIENT, BODY_NONE, ORDER, JOBS | SCOPED,
	    job_report_progress, NULL, NULL, NULL, "how far a running job is" },
	{ "GET", "/ws/client/ji/{id}/files", API_CLIENT, BODY_NONE, "job_instance:read", JOBS | SCOPED,
	    job_list_files, DOCUMENT, NULL, &deliverable_doc, "files a job left",
	    .answers = SHAPE_LIST },
	{ "POST", "/ws/client/ji/{id}/files/{name}", API_CLIENT, BODY_BYTES, "job_instance:create", JOBS | SCOPED,
	    input_file_give, NUMBER, NULL, NULL, "give a waiting job a file, which it fetches when it runs",
	    .answers = SHAPE_NUMBER, .note = "Answered with the number of the file.", .once = ONCE },
	{ "GET", "/ws/client/ji/{id}/inputs", API_CLIENT, BODY_NONE, "job_instance:read", JOBS | SCOPED,
	    input_file_list, JSON, NULL, NULL, "names of the files a job was given",
	    .answers = SHAPE_TEXTS },
	{ "GET", "/ws/client/ji/{id}/inputs/{name}", API_CLIENT, BODY_NONE, "files:read", JOBS | SCOPED,
	    input_file_fetch, BYTES, NULL, NULL, "a file a job was given" },
	{ "GET", "/ws/client/ji/{id}/stdout", API_CLIENT, BODY_NONE, "logs:read", JOBS | SCOPED,
	    job_stdout, BYTES, NULL, NULL, "standard output of a job, or of one attempt",
	    .query = VALUES(ATTEMPT, OFFSETS) },
	{ "GET", "/ws/client/ji/{id}/stderr", API_CLIENT, BODY_NONE, "logs:read", JOBS | SCOPED,
	    job_stderr, BYTES, NULL, NULL, "standard error of a job, or of one attempt",
	    .query = VALUES(ATTEMPT, OFFSETS) },
	{ "GET", "/ws/client/events", API_CLIENT, BODY_NONE, "job_instance:read", SCOPED,
	    events_listen, EVENTS, NULL, NULL, "what happens to jobs, while it happens (server-sent events)",
	    .query = VALUES(EVENT_TEXT("kinds", "state, change, progress, message: several with commas"),
	        EVENT_TEXT("jobInstanceId", "number of the job"), EVENT_TEXT("statuses", "states, several with commas"),
	        EVENT_TEXT("parentId", "number of its parent; -1 or 0: none"), EVENT_TEXT("queueId", "number of its queue"),
	        EVENT_TEXT("queueName", "its queue's name; % is a wildcard, as in all texts"), EVENT_TEXT("nodeName", "node that runs or ran it"),
	        EVENT_TEXT("applicationName", "name of its definition"), EVENT_TEXT("user", "for whom it runs"),
	        EVENT_TEXT("sessionId", "from the request"), EVENT_TEXT("instanceKeyword1", "from the request"),
	        EVENT_TEXT("instanceKeyword2", "from the request"), EVENT_TEXT("instanceKeyword3", "from the request"),
	        EVENT_TEXT("instanceModule", "from the request"), EVENT_TEXT("instanceApplication", "from the request"),
	        EVENT_TEXT("jobDefKeyword1", "of the definition"), EVENT_TEXT("jobDefKeyword2", "of the definition"),
	        EVENT_TEXT("jobDefKeyword3", "of the definition"), EVENT_TEXT("jobDefModule", "of the definition"),
	        EVENT_TEXT("jobDefApplication", "of the definition"),
	        { "lastEventId", VALUE_TEXT, false, "up to where all was heard, for who cannot set the header Last-Event-ID" }),
	    .note = "A name that is given several times means one of the values.  docs/events.md has the events." },
	{ "GET", "/ws/client/user/{username}/ji", API_CLIENT, BODY_NONE, "job_instance:read", SCOPED,
	    job_list_of_user, DOCUMENT, NULL, &job_instance_doc, "the oldest live jobs of a user; % is a wildcard",
	    .answers = SHAPE_LIST },
	{ "GET", "/ws/client/jr", API_CLIENT, BODY_NONE, "job_instance:create", SCOPED,
	    job_request_sample, DOCUMENT, NULL, &job_request_doc, "a request to fill in" },
	{ "GET", "/ws/client/node/{name}/{log}", API_CLIENT, BODY_NONE, "node:read", 0,
	    node_log_of, BYTES, NULL, NULL, "last lines of a node's log, newest first",
	    .note = "The last segment is log.", .query = VALUES(LATEST) },
	{ "GET", "/ws/client/q", API_CLIENT, BODY_NONE, "queue:read", SCOPED,
	    queue_list, DOCUMENT, NULL, &queue_doc, "all queues",
	    .answers = SHAPE_LIST },
	{ "POST", "/ws/client/q/{id}/pause", API_CLIENT, BODY_NONE, QUEUE_ORDER, SCOPED,
	    queue_pause, NULL, NULL, NULL, "no node takes jobs of the queue any more" },
	{ "DELETE", "/ws/client/q/{id}/pause", API_CLIENT, BODY_NONE, QUEUE_ORDER, SCOPED,
	    queue_resume, NULL, NULL, NULL, "all nodes mapped to the queue take its jobs" },
	{ "POST", "/ws/client/q/{id}/clear", API_CLIENT, BODY_NONE, QUEUE_ORDER, SCOPED,
	    queue_clear, NULL, NULL, NULL, "cancel every job that waits in the queue" },
	{ "POST", "/ws/client/q/{id}/bulk", API_CLIENT, BODY_DOCUMENT, QUEUE_ORDER, SCOPED,
	    job_set_queue_of_all, JSON, NULL, NULL, "move many waiting jobs to the queue",
	    .takes = SHAPE_JOBS, .answers = SHAPE_NUMBER, .note = MANY "  Answered with how many it was done to.",
	    .query = VALUES(DRY_RUN) },
	{ "POST", "/ws/client/q/{id}/jobs", API_CLIENT, BODY_DOCUMENT, QUEUE_ORDER, SCOPED,
	    job_set_queue_of_all, JSON, NULL, NULL, "move many waiting jobs to the queue, as JQM 3.5's own client calls it",
	    .takes = SHAPE_JOBS, .answers = SHAPE_NUMBER, .note = MANY "  Answered with how many it was done to.",
	    .query = VALUES(DRY_RUN) },
	{ "POST", "/ws/client/q/{queueId}/{jobId}", API_CLIENT, BODY_NONE, QUEUE_ORDER, SCOPED,
	    job_set_queue, NULL, NULL, NULL, "move a waiting job to the queue" },
	{ "GET", "/ws/client/q/{id}/status", API_CLIENT, BODY_NONE, QUEUE_ORDER, SCOPED,
	    queue_status, QUEUE_STATUS, NULL, NULL, "RUNNING, PARTIALLY_RUNNING or PAUSED",
	    .answers = SHAPE_QUEUE_STATUS },
	{ "GET", "/ws/client/q/{id}/enabled-capacity", API_CLIENT, BODY_NONE, QUEUE_ORDER, SCOPED,
	    queue_capacity, NUMBER, NULL, NULL, "how many jobs of the queue may run at the same time",
	    .answers = SHAPE_NUMBER },
	{ "GET", "/ws/client/jd", API_CLIENT, BODY_NONE, "jd:read", SCOPED,
	    job_def_list, DOCUMENT, NULL, &job_def_view_doc, "all job definitions",
	    .answers = SHAPE_LIST },
	{ "GET", "/ws/client/jd/{application}", API_CLIENT, BODY_NONE, "jd:read", SCOPED,
	    job_def_list_of_application, DOCUMENT, NULL, &job_def_view_doc,
	    "job definitions of that application tag",
	    .answers = SHAPE_LIST },
	{ "GET", "/ws/client/jd/name/{name}", API_CLIENT, BODY_NONE, "jd:read", SCOPED,
	    job_def_read_one, DOCUMENT, NULL, &job_def_view_doc, "the job definition of that name" },

	{ "GET", "/ws/client/schedule", API_CLIENT, BODY_NONE, "job_instance:read", 0,
	    schedule_list, DOCUMENT, NULL, &schedule_doc, "all schedules",
	    .answers = SHAPE_LIST },
	{ "GET", "/ws/client/schedule/{id}", API_CLIENT, BODY_NONE, "job_instance:read", 0,
	    schedule_read_one, DOCUMENT, NULL, &schedule_doc, "one schedule" },
	{ "GET", "/ws/client/schedule/{id}/next", API_CLIENT, BODY_NONE, "job_instance:read", 0,
	    schedule_next, JSON, NULL, NULL, "when it is due next", .answers = SHAPE_TEXTS, .query = VALUES(COUNT) },
	{ "GET", "/ws/client/cron", API_CLIENT, BODY_NONE, "job_instance:read", 0,
	    cron_preview, JSON, NULL, NULL, "when a cron expression would be due", .answers = SHAPE_TEXTS,
	    .query = VALUES({ "expression", VALUE_TEXT, true, "the cron expression" },
		{ "timeZone", VALUE_TEXT, false, "IANA zone of its times; that of this node when absent" },
		{ "dayRule", VALUE_TEXT, false, "AND: both day fields must match; OR: one of them" }, COUNT) },
	{ "DELETE", "/ws/client/schedule/{id}", API_CLIENT, BODY_NONE, "job_instance:delete", 0,
	    schedule_remove, NULL, NULL, NULL, "remove a schedule; its jobs stay" },
	{ "POST", "/ws/client/schedule/{id}/pause", API_CLIENT, BODY_NONE, ORDER, 0,
	    schedule_pause, NULL, NULL, NULL, "it makes no job until resumed" },
	{ "DELETE", "/ws/client/schedule/{id}/pause", API_CLIENT, BODY_NONE, ORDER_BACK, 0,
	    schedule_resume, NULL, NULL, NULL, "it makes jobs again, from its next time on" },
	{ "POST", "/ws/client/schedule/{id}/queue/{queueId}", API_CLIENT, BODY_NONE, ORDER, 0,
	    schedule_queue, NULL, NULL, NULL, "its jobs wait in that queue; 0: in the definition's" },
	{ "POST", "/ws/client/schedule/{id}/priority/{n}", API_CLIENT, BODY_NONE, ORDER, 0,
	    schedule_priority, NULL, NULL, NULL, "1 to 10; 0: the definition's" },
	{ "POST", "/ws/client/schedule/{id}/cron/{expression*}", API_CLIENT, BODY_NONE, ORDER, 0,
	    schedule_cron, NULL, NULL, NULL, "when it is due; slashes may stand as they are" },

	/* ---- account: logging in, and what people do with their own account ---- */
	{ "GET", "/auth/login.html", API_ACCOUNT, BODY_NONE, PERMISSION_PUBLIC, 0,
	    login_page_show, HTML, NULL, NULL, "a form to log in by" },
	{ "POST", "/auth/login.html", API_ACCOUNT, BODY_FORM, PERMISSION_PUBLIC, 0,
	    login_page_submit, HTML, NULL, NULL, "log in by that form", .redirects = true,
	    .form = VALUES({ "username", VALUE_TEXT, true, "login" }, { "password", VALUE_TEXT, true, "password" },
		{ "code", VALUE_TEXT, false, "of the second factor" }) },
	{ "GET", "/auth/logout", API_ACCOUNT, BODY_NONE, PERMISSION_PUBLIC, 0,
	    login_page_logout, NULL, NULL, NULL, "log out, to the form", .redirects = true },
	{ "POST", "/ws/session", API_ACCOUNT, BODY_JSON, PERMISSION_PUBLIC, 0,
	    session_login, NULL, &login_doc, NULL, "log in: the answer sets a cookie" },
	{ "GET", "/ws/session", API_ACCOUNT, BODY_NONE, PERMISSION_ANY_ACCOUNT, 0,
	    session_list_own, JSON, NULL, &session_doc, "the caller's sessions", .answers = SHAPE_LIST },
	{ "DELETE", "/ws/session", API_ACCOUNT, BODY_NONE, PERMISSION_ANY_ACCOUNT, 0,
	    session_logout, NULL, NULL, NULL, "log out" },
	{ "DELETE", "/ws/session/all", API_ACCOUNT, BODY_NONE, PERMISSION_ANY_ACCOUNT, 0,
	    session_end_all_own, NULL, NULL, NULL, "log out everywhere" },
	{ "DELETE", "/ws/session/{id}", API_ACCOUNT, BODY_NONE, PERMISSION_ANY_ACCOUNT, 0,
	    session_end_own, NULL, NULL, NULL, "end one of the caller's sessions" },
	{ "PUT", "/ws/account/password", API_ACCOUNT, BODY_JSON, PERMISSION_ANY_ACCOUNT, 0,
	    account_change_password, NULL, &password_change_doc, NULL, "another password for the caller" },
	{ "GET", "/ws/account/totp", API_ACCOUNT, BODY_NONE, PERMISSION_ANY_ACCOUNT, 0,
	    account_second_factor, JSON, NULL, &second_factor_doc, "has the caller a second factor" },
	{ "POST", "/ws/account/totp", API_ACCOUNT, BODY_JSON, PERMISSION_ANY_ACCOUNT, 0,
	    account_second_factor_enrol, JSON, &login_doc, &second_factor_secret_doc,
	    "a secret for a device; takes the password" },
	{ "POST", "/ws/account/totp/confirm", API_ACCOUNT, BODY_JSON, PERMISSION_ANY_ACCOUNT, 0,
	    account_second_factor_confirm, JSON, &login_doc, &recovery_codes_doc,
	    "the device's first code: from now on it is asked for" },
	{ "POST", "/ws/account/totp/disable", API_ACCOUNT, BODY_JSON, PERMISSION_ANY_ACCOUNT, 0,
	    account_second_factor_disable, NULL, &login_doc, NULL,
	    "no second factor any more; takes the password and a code" },

	/* ---- admin ---- */
	{ "GET", "/ws/admin/me", API_ADMIN, BODY_NONE, PERMISSION_ANY_ACCOUNT, 0,
	    me_read, JSON, NULL, &permissions_bag_doc, "who the caller is, what it may do" },
	{ "GET", "/ws/admin/version", API_ADMIN, BODY_NONE, PERMISSION_ANY_ACCOUNT, 0,
	    version_read, JSON, NULL, &version_doc, "release of this server" },
	{ "GET", "/ws/admin/stats/usage", API_ADMIN, BODY_NONE, PERMISSION_ANY_ACCOUNT, 0,
	    stats_usage, JSON, NULL, &usage_stats_doc, "how many nodes, queues and jobs there are" },
	{ "GET", "/ws/admin/stats/history", API_ADMIN, BODY_NONE, PERMISSION_ANY_ACCOUNT, 0,
	    stats_history, JSON, NULL, &history_slot_doc, "how jobs ended in the last hours", .answers = SHAPE_LIST,
	    .query = VALUES({ "hours", VALUE_INTEGER, true, "1, 24 or 720", 1, 720 }) },
	{ "GET", "/ws/admin/stats/queues", API_ADMIN, BODY_NONE, "queue:read", 0,
	    stats_queues, JSON, NULL, &queue_load_doc, "what each queue has to do", .answers = SHAPE_LIST },
	{ "GET", "/ws/admin/stats/findings", API_ADMIN, BODY_NONE, "doctor:read", 0,
	    stats_findings, JSON, NULL, &node_findings_count_doc, "how much jqm doctor found on each node", .answers = SHAPE_LIST },

	CONFIGURATION("/ws/admin/node", "node", "node:read", "node:read", node_doc, admin_list, admin_sync_nodes, "node"),
	{ "GET", "/ws/admin/node/{id}/findings", API_ADMIN, BODY_NONE, "doctor:read", 0,
	    node_findings_read, JSON, NULL, &node_findings_doc, "what jqm doctor found on a node, as it told last" },
	{ "POST", "/ws/admin/node/{id}/findings", API_ADMIN, BODY_NONE, "doctor:update", 0,
	    node_findings_ask, NULL, NULL, NULL, "have jqm doctor look at a node again",
	    .note = "The answer comes at once; the new report some seconds later: its askedDate is null then." },
	{ "GET", "/ws/admin/node/{name}/{log}", API_ADMIN, BODY_NONE, "node:read", 0,
	    node_log_of, BYTES, NULL, NULL, "last lines of a node's log, newest first",
	    .note = "The last segment is log.", .query = VALUES(LATEST) },
	{ "POST", "/ws/admin/node/{id}/pause", API_ADMIN, BODY_NONE, "node:update", 0,
	    node_pause, NULL, NULL, NULL, "the node takes no jobs any more; those that run go on" },
	{ "DELETE", "/ws/admin/node/{id}/pause", API_ADMIN, BODY_NONE, "node:update", 0,
	    node_resume, NULL, NULL, NULL, "the node takes jobs again; a drain is taken back" },
	{ "POST", "/ws/admin/node/{id}/stop", API_ADMIN, BODY_NONE, "node:update", 0,
	    node_stop, NULL, NULL, NULL, "its runner ends its jobs and itself" },
	{ "POST", "/ws/admin/node/{id}/drain", API_ADMIN, BODY_NONE, "node:update", 0,
	    node_drain, NULL, NULL, NULL, "its runner takes no job any more and ends with the last one" },
	{ "POST", "/ws/admin/node/{id}/copy", API_ADMIN, BODY_NONE, "node:create", 0,
	    node_copy, NULL, NULL, NULL,
	    "make a node, or change it, to be like that one, with its mappings",
	    .query = VALUES({ "name", VALUE_TEXT, true, "of the node that is made" },
		{ "dns", VALUE_TEXT, false, "but there" }), .once = ONCE },
	{ "DELETE", "/ws/admin/history", API_ADMIN, BODY_NONE, "history:delete", 0,
	    history_purge, JSON, NULL, &purge_doc,
	    "jobs that ended long ago go, with logs and files",
	    .query = VALUES({ "olderThan", VALUE_TEXT, true, "how long ago: 90d, 12h" }, DRY_RUN) },
	{ "GET", "/ws/admin/q/all/xml", API_ADMIN, BODY_NONE, "queue:read", 0,
	    queue_export_all, XML, NULL, NULL, "all queues as a file", .example = EXAMPLE_QUEUES },
	{ "GET", "/ws/admin/q/{id}/xml", API_ADMIN, BODY_NONE, "queue:read", 0,
	    queue_export, XML, NULL, NULL, "a queue as a file", .example = EXAMPLE_QUEUES },
	{ "POST", "/ws/admin/q/xml", API_ADMIN, BODY_XML, MAY_WRITE("queue"), 0,
	    queue_import, JSON, NULL, &transfer_report_doc, "import queues",
	    .query = VALUES(DRY_IMPORT), .once = ONCE, .example = EXAMPLE_QUEUES },
	CONFIGURATION("/ws/admin/q", "queue", "queue:read", "queue:read", admin_queue_doc, admin_list, admin_sync, "queue"),
	CONFIGURATION("/ws/admin/qmapping", "qmapping", "qmapping:read", "qmapping:read", admin_mapping_doc, admin_list, admin_sync,
	    "mapping of a node to a queue"),
	{ "GET", "/ws/admin/jndi/all/xml", API_ADMIN, BODY_NONE, "jndi:read", 0,
	    resource_export_all, XML, NULL, NULL, "all resources as a file, without secrets", .example = EXAMPLE_RESOURCES },
	{ "GET", "/ws/admin/jndi/{id}/xml", API_ADMIN, BODY_NONE, "jndi:read", 0,
	    resource_export, XML, NULL, NULL, "a resource as a file, without secrets", .example = EXAMPLE_RESOURCES },
	{ "POST", "/ws/admin/jndi/xml", API_ADMIN, BODY_XML, MAY_WRITE("jndi"), 0,
	    resource_import, JSON, NULL, &transfer_report_doc, "import resources",
	    .query = VALUES(DRY_IMPORT), .once = ONCE, .example = EXAMPLE_RESOURCES },
	{ "GET", "/ws/admin/configuration/xml", API_ADMIN, BODY_NONE, "prm:read", 0,
	    configuration_export, XML, NULL, NULL,
	    "nodes, queues, mappings, parameters and resources as a file, without secrets", .example = EXAMPLE_CONFIGURATION },
	{ "POST", "/ws/admin/configuration/xml", API_ADMIN, BODY_XML,
	    MAY_WRITE("node") "|" MAY_WRITE("queue") "|" MAY_WRITE("qmapping") "|" MAY_WRITE("prm") "|" MAY_WRITE("jndi"),
	    0, configuration_import, JSON, NULL, &transfer_report_doc,
	    "import such a file, or a part of it",
	    .query = VALUES(DRY_IMPORT), .once = ONCE, .example = EXAMPLE_CONFIGURATION },
	CONFIGURATION("/ws/admin/jndi", "jndi", "jndi:read", "jndi:read", admin_resource_doc, admin_list, admin_sync, "resource"),
	CONFIGURATION("/ws/admin/prm", "prm", "prm:read|job_instance:read", "prm:read", admin_parameter_doc,
	    admin_list_parameters, admin_sync, "global parameter"),
	{ "GET", "/ws/admin/jd/all/xml", API_ADMIN, BODY_NONE, "jd:read", 0,
	    job_def_export_all, XML, NULL, NULL, "all job definitions as a descriptor", .example = EXAMPLE_DESCRIPTOR },
	{ "GET", "/ws/admin/jd/{id}/xml", API_ADMIN, BODY_NONE, "jd:read", 0,
	    job_def_export, XML, NULL, NULL, "a job definition as a descriptor", .example = EXAMPLE_DESCRIPTOR },
	{ "POST", "/ws/admin/jd/xml", API_ADMIN, BODY_XML, MAY_WRITE("jd"), 0,
	    job_def_import, JSON, NULL, &transfer_report_doc, "import job definitions",
	    .query = VALUES(DRY_IMPORT), .once = ONCE, .example = EXAMPLE_DESCRIPTOR },
	CONFIGURATION("/ws/admin/jd", "jd", "jd:read", "jd:read", admin_definition_doc, admin_list, admin_sync, "job definition"),
	CONFIGURATION("/ws/admin/schedule", "jd", "jd:read", "jd:read", admin_schedule_doc, admin_list, admin_sync, "schedule"),
	CONFIGURATION("/ws/admin/cl", "cl", "cl:read|jd:read", "cl:read|jd:read", admin_context_doc, admin_list, admin_sync,
	    "execution context"),
	CONFIGURATION("/ws/admin/concurrency", "concurrency", "concurrency:read", "concurrency:read", admin_limit_doc, admin_list,
	    admin_sync, "limit of the cluster"),
	{ "GET", "/ws/admin/user/{id}/session", API_ADMIN, BODY_NONE, "user:read", 0,
	    session_list_of, JSON, NULL, &session_doc, "an account's sessions", .answers = SHAPE_LIST },
	{ "DELETE", "/ws/admin/user/{id}/session", API_ADMIN, BODY_NONE, "user:update", 0,
	    session_end_all_of, NULL, NULL, NULL, "end an account's sessions" },
	{ "DELETE", "/ws/admin/user/{id}/totp", API_ADMIN, BODY_NONE, "user:update", 0,
	    account_second_factor_drop_of, NULL, NULL, NULL, "take an account's second factor away" },
	CONFIGURATION("/ws/admin/user", "user", "user:read", "user:read", admin_user_doc, admin_list, admin_sync, "account"),
	{ "GET", "/ws/admin/user/{id}/certificate", API_ADMIN, BODY_NONE, "user:update", 0,
	    certificate_archive, ZIP, NULL, NULL,
	    "a new client certificate for the account, as a zip with a PKCS#12 file",
	    .note = "The header JQM-Certificate-Password has the password of the PKCS#12 file.",
	    .may_conflict = true,
	    .query = VALUES({ "days", VALUE_INTEGER, false, "how long it holds", 1, CERTIFICATE_DAYS_MAX }) },
	{ "POST", "/ws/admin/user/{id}/certificate", API_ADMIN, BODY_JSON, "user:update", 0,
	    certificate_issue, JSON, &certificate_order_doc, &certificate_issued_doc,
	    "a new client certificate for the account, as PEM", .once = ONCE_SECRET },
	{ "GET", "/ws/admin/certificate", API_ADMIN, BODY_NONE, "user:read", 0,
	    certificate_list, JSON, NULL, &certificate_doc, "certificates that were issued", .answers = SHAPE_LIST,
	    .query = VALUES({ "user", VALUE_INTEGER, false, "those of the account of this number", 1, INT64_MAX }) },
	{ "GET", "/ws/admin/certificate/{id}", API_ADMIN, BODY_NONE, "user:read", 0,
	    certificate_read, JSON, NULL, &certificate_doc, "one certificate that was issued" },
	{ "DELETE", "/ws/admin/certificate/{id}", API_ADMIN, BODY_NONE, "user:update", 0,
	    certificate_revoke_one, NULL, NULL, NULL, "revoke a certificate, at once and for good",
	    .query = VALUES({ "reason", VALUE_TEXT, false, "why, for who looks at it later" }) },
	CONFIGURATION("/ws/admin/certmapping", "user", "user:read", "user:read", certificate_mapping_doc, admin_list, admin_sync,
	    "which account a certificate of another authority means"),
	{ "GET", "/ws/admin/audit", API_ADMIN, BODY_NONE, "audit:read", 0,
	    audit_list, JSON, NULL, &audit_page_doc, "who did what and when: rows of the audit trail, newest first",
	    .query = VALUES(AUDIT_FILTER, { "limit", VALUE_INTEGER, false, "how many; 100 when absent", 1, 1000 }) },
	{ "GET", "/ws/admin/audit/state", API_ADMIN, BODY_NONE, "audit:read", 0,
	    audit_state, JSON, NULL, &audit_state_doc, "how far the audit trail is sealed" },
	{ "GET", "/ws/admin/audit/export", API_ADMIN, BODY_NONE, "audit:read", 0,
	    audit_export, LINES, NULL, NULL, "rows of the audit trail as lines of JSON, newest first",
	    .answers = SHAPE_ANY,
	    .note = "When there are more, the last line is an object with nothing but next: the value of before for them.",
	    .query = VALUES(AUDIT_FILTER, { "limit", VALUE_INTEGER, false, "how many; 100000 when absent", 1, 1000000 }) },
	{ "GET", "/ws/admin/audit/chain", API_ADMIN, BODY_NONE, "audit:read", 0,
	    audit_chain, LINES, NULL, NULL, "the audit trail with its seals, oldest first, for whoever has the key to check",
	    .answers = SHAPE_ANY,
	    .query = VALUES({ "after", VALUE_INTEGER, false, "from behind that seal on", 0, INT64_MAX }) },
	CONFIGURATION("/ws/admin/webhook", "webhook", "webhook:read", "webhook:read", webhook_doc, admin_list, admin_sync, "webhook"),
	{ "POST", "/ws/admin/webhook/{id}/ping", API_ADMIN, BODY_NONE, "webhook:update", 0,
	    webhook_ping, JSON, NULL, &webhook_delivery_doc, "send something to a webhook, to see whether it arrives", .once = ONCE },
	{ "GET", "/ws/admin/webhook/{id}/delivery", API_ADMIN, BODY_NONE, "webhook:read", 0,
	    webhook_delivery_list, JSON, NULL, &webhook_delivery_doc, "what was told to a webhook, newest first", .answers = SHAPE_LIST,
	    .query = VALUES({ "newest", VALUE_INTEGER, false, "how many; 50 when absent", 1, 200 },
		{ "before", VALUE_INTEGER, false, "older than the delivery of this number", 1, INT64_MAX }) },
	{ "GET", "/ws/admin/webhook/{id}/delivery/{deliveryId}", API_ADMIN, BODY_NONE, "webhook:read", 0,
	    webhook_delivery_read, JSON, NULL, &webhook_delivery_doc, "one thing that was told to a webhook" },
	{ "POST", "/ws/admin/webhook/{id}/delivery/{deliveryId}/again", API_ADMIN, BODY_NONE, "webhook:update", 0,
	    webhook_delivery_again, NULL, NULL, NULL, "tell it again, or now instead of later", .once = ONCE },
	CONFIGURATION("/ws/admin/role", "role", "role:read", "role:read", admin_role_doc, admin_list, admin_sync, "role"),

	/* ---- certificates of the authority, for everybody ---- */
	{ "GET", "/ws/pki/root.pem", API_PKI, BODY_NONE, PERMISSION_PUBLIC, 0,
	    pki_roots, NULL, NULL, NULL, "certificates of the authority, those of a roll-over too", .sent_as = PEM },
	{ "GET", "/ws/pki/crl.pem", API_PKI, BODY_NONE, PERMISSION_PUBLIC, 0,
	    pki_lists, NULL, NULL, NULL, "its lists of revoked certificates", .sent_as = PEM },
	{ "GET", "/ws/pki/crl/{id}", API_PKI, BODY_NONE, PERMISSION_PUBLIC, 0,
	    pki_list_of_root, NULL, NULL, NULL, "one of them as DER: where its certificates say it is", .sent_as = "application/pkix-crl" },

	/* ---- what nodes fetch from each other for their callers: docs/nodes.md ---- */
	{ "GET", "/ws/node/file/{guid}", API_NONE, BODY_NONE, PERMISSION_NODE, 0,
	    file_for_node, BYTES, NULL, NULL, "file that is on this node, for another node; its certificate opens it",
	    .query = VALUES(ASKED) },
	{ "GET", "/ws/node/job/{id}/{log}", API_NONE, BODY_NONE, PERMISSION_NODE, 0,
	    job_log_for_node, BYTES, NULL, NULL, "stdout or stderr of a job that is on this node, for another node",
	    .query = VALUES(ATTEMPT, OFFSETS, ASKED) },
	{ "GET", "/ws/node/log", API_NONE, BODY_NONE, PERMISSION_NODE, 0,
	    node_log_for_node, BYTES, NULL, NULL, "last lines of this node's log, for another node",
	    .query = VALUES(LATEST, ASKED) },
};
/* clang-format on */

const size_t routes_len = sizeof(routes) / sizeof(routes[0]);
