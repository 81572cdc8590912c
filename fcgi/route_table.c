/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/route_table.c: every path there is.  The first row that matches wins, so fixed words stand
 * before {..}.  GET serves HEAD too.
 *
 * Permissions are JQM's, with its holes closed: files need files:read through both doors (JQM's
 * simple API gave them to job_instance:read), orders to jobs take create or update, version and
 * health reveal nothing.
 */
#include "codec/docs.h"
#include "fcgi/handlers/handlers.h"
#include "fcgi/handlers/job_def_transfer.h"
#include "fcgi/route.h"

#define TEXT "text/plain"
#define BYTES "application/octet-stream"
#define JSON "application/json"
#define DOCUMENT "application/xml,application/json" /* who has no wish gets XML, as in JQM */
#define ORDER "job_instance:create|job_instance:update"

/* clang-format off */
#define ROW(m, p, a, b, perm, jobs, h, prod, i, o, s)					\
	{ .method = (m), .path = (p), .api = API_##a, .body = BODY_##b, .permission = (perm),	\
	  .for_jobs = (jobs), .handler = (h), .produces = (prod), .in = (i), .out = (o),	\
	  .summary = (s) }

const struct route routes[] = {
	/* ---- simple: forms and plain text, for scripts ---- */
	ROW("GET", "/ws/simple/status", SIMPLE, NONE, "job_instance:read", true,
	    job_status_text, TEXT, NULL, NULL, "state of a job"),
	ROW("POST", "/ws/simple/ji", SIMPLE, FORM, "job_instance:create", true,
	    job_submit_form, TEXT, NULL, NULL, "enqueue a job"),
	ROW("GET", "/ws/simple/stdout", SIMPLE, NONE, "logs:read", true,
	    job_stdout_by_query, BYTES, NULL, NULL, "standard output of a job"),
	ROW("GET", "/ws/simple/stderr", SIMPLE, NONE, "logs:read", true,
	    job_stderr_by_query, BYTES, NULL, NULL, "standard error of a job"),
	ROW("GET", "/ws/simple/file", SIMPLE, NONE, "files:read", true,
	    file_by_random_id, BYTES, NULL, NULL, "file left by a job, by its GUID"),
	ROW("GET", "/ws/simple/enginelog", SIMPLE, NONE, PERMISSION_ALL, false,
	    node_log_tail, TEXT, NULL, NULL, "last lines of this node's log, newest first"),
	ROW("GET", "/ws/simple/localnode/health", SIMPLE, NONE, PERMISSION_PUBLIC, false,
	    node_health, TEXT, NULL, NULL, "does this node poll its queues"),

	/* ---- client: submit, follow and steer jobs ---- */
	ROW("POST", "/ws/client/ji", CLIENT, DOCUMENT, "job_instance:create", true,
	    job_submit, DOCUMENT, &job_request_doc, &job_instance_doc, "enqueue a job"),
	ROW("GET", "/ws/client/ji", CLIENT, NONE, "job_instance:read", false,
	    job_list_all, DOCUMENT, NULL, &job_instance_doc, "the oldest jobs, live and past"),
	ROW("GET", "/ws/client/ji/active", CLIENT, NONE, "job_instance:read", false,
	    job_list_active, DOCUMENT, NULL, &job_instance_doc, "the oldest live jobs"),
	ROW("GET", "/ws/client/ji/files/{fileId}", CLIENT, NONE, "files:read", true,
	    file_by_id, BYTES, NULL, NULL, "file left by a job, by its number"),
	ROW("POST", "/ws/client/ji/killed/{id}", CLIENT, NONE, ORDER, false,
	    job_kill, NULL, NULL, NULL, "end a job wherever it is"),
	ROW("POST", "/ws/client/ji/cancelled/{id}", CLIENT, NONE, ORDER, false,
	    job_cancel, NULL, NULL, NULL, "take a waiting job out of its queue"),
	ROW("GET", "/ws/client/ji/{id}", CLIENT, NONE, "job_instance:read", true,
	    job_read_one, DOCUMENT, NULL, &job_instance_doc, "one job"),
	ROW("GET", "/ws/client/ji/{id}/files", CLIENT, NONE, "job_instance:read", true,
	    job_list_files, DOCUMENT, NULL, &deliverable_doc, "files a job left"),
	ROW("GET", "/ws/client/ji/{id}/stdout", CLIENT, NONE, "logs:read", true,
	    job_stdout, BYTES, NULL, NULL, "standard output of a job"),
	ROW("GET", "/ws/client/ji/{id}/stderr", CLIENT, NONE, "logs:read", true,
	    job_stderr, BYTES, NULL, NULL, "standard error of a job"),
	ROW("GET", "/ws/client/q", CLIENT, NONE, "queue:read", false,
	    queue_list, DOCUMENT, NULL, &queue_doc, "all queues"),
	ROW("GET", "/ws/client/jd", CLIENT, NONE, "jd:read", false,
	    job_def_list, DOCUMENT, NULL, &job_def_view_doc, "all job definitions"),
	ROW("GET", "/ws/client/jd/{application}", CLIENT, NONE, "jd:read", false,
	    job_def_list_of_application, DOCUMENT, NULL, &job_def_view_doc,
	    "job definitions of that application tag"),
	ROW("GET", "/ws/client/jd/name/{name}", CLIENT, NONE, "jd:read", false,
	    job_def_read_one, DOCUMENT, NULL, &job_def_view_doc, "the job definition of that name"),

	/* ---- admin ---- */
	ROW("GET", "/ws/admin/me", ADMIN, NONE, PERMISSION_ANY_ACCOUNT, false,
	    me_read, JSON, NULL, &permissions_bag_doc, "who the caller is, what it may do"),
	ROW("GET", "/ws/admin/version", ADMIN, NONE, PERMISSION_ANY_ACCOUNT, false,
	    version_read, JSON, NULL, &version_doc, "release of this server"),
	ROW("POST", "/ws/admin/jd/xml", ADMIN, XML, "jd:create", false,
	    job_def_import, NULL, NULL, NULL, "import job definitions"),
};
/* clang-format on */

const size_t routes_len = sizeof(routes) / sizeof(routes[0]);
