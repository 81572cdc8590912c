/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/handlers/node_read.c: is this node well, and what does its log say. */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"
#include "base/str.h"
#include "conf/settings.h"
#include "fcgi/audit.h"
#include "fcgi/content_disposition.h"
#include "fcgi/exchange.h"
#include "fcgi/document.h"
#include "fcgi/handlers/handlers.h"
#include "fcgi/log_tail.h"
#include "fcgi/other_node.h"
#include "model/error_report.h"
#include "store/node_health_store.h"

#define LINES_MAX 10000
#define LINES_DEFAULT 200 /* who says no number */
#define HEADER_BYTES_MAX 4096
#define LOG_BYTES_MAX (8u * 1024 * 1024)

/* Anybody may ask where administrators want it so: the answer names neither node nor queue. */
int
node_health(struct exchange *x, struct err *err)
{
	const char *node_name = settings_text(x->settings, "node:name");
	struct node_health health = { .known = false };

	if (node_name != NULL &&
	    node_health_read(x->db, node_name, exchange_memory(x), &health, err) == -1)
		return -1;
	if (health.alive && health.late_queue == NULL) {
		exchange_answer_text(x, 200, "Pollers are polling");
		return 0;
	}
	x->response.error_code = ERROR_CODE_UNHEALTHY;
	return err_set(err, ERR_BUSY, "%s",
		       health.alive ? "a poller of this node is late"
				    : "no runner of this node is alive");
}

/* The newest lines of this node's log, the newest first. */
static int
answer_log(struct exchange *x, int64_t lines_wanted, const char *type, struct err *err)
{
	const char *path = settings_text(x->settings, "fcgi:node_log");
	size_t latest = lines_wanted > LINES_MAX ? LINES_MAX : (size_t)lines_wanted;
	struct buf lines = BUF_INIT(LOG_BYTES_MAX + 1);
	struct err why = ERR_INIT;
	int rc;

	if (path == NULL)
		rc = err_set(&why, ERR_NOT_FOUND, "fcgi:node_log is not given");
	else
		rc = log_tail_all(path, latest, LOG_BYTES_MAX, &lines, &why);
	if (rc == -1 && why.kind == ERR_NOT_FOUND) {
		x->response.error_code = ERROR_CODE_NO_FILE;
		(void)err_set(err, ERR_NOT_FOUND, "this node's log is not there");
	} else if (rc == -1) {
		*err = why;
	}
	if (rc == 0)
		exchange_answer_bytes(x, 200, type, buf_text(&lines), lines.len);
	buf_free(&lines);
	return rc == 0 ? audit_say_read(x, "nodelog", 0, NULL, err) : -1;
}

int
node_log_tail(struct exchange *x, struct err *err)
{
	int64_t latest;

	if (exchange_query_int(x, "latest", 0, INT64_MAX, 0, &latest, err) == -1)
		return -1;
	return answer_log(x, latest, "text/plain;charset=UTF-8", err);
}

/* The last segment is "log", or "log?latest=N": JQM 3.5's client escapes its question mark. */
static int
read_log_segment(struct exchange *x, const char *segment, int64_t *latest, struct err *err)
{
	static const char escaped[] = "log?latest=";

	if (strcmp(segment, "log") == 0)
		return exchange_query_int(x, "latest", 0, INT64_MAX, LINES_DEFAULT, latest, err);
	if (!str_starts(segment, escaped))
		return err_set(err, ERR_NOT_FOUND, "there is nothing at path \"%.200s\"",
			       x->request.path);
	if (num_int64(segment + strlen(escaped), 0, INT64_MAX, latest) == -1)
		return err_set(err, ERR_INVALID,
			       "query parameter \"latest\": \"%.40s\" is not a number of lines",
			       segment + strlen(escaped));
	return 0;
}

/* Is there such a node? */
static int
require_node(struct exchange *x, const char *name, struct err *err)
{
	struct node_health health = { .known = false };

	if (node_health_read(x->db, name, exchange_memory(x), &health, err) == -1)
		return -1;
	if (!health.known)
		return err_set(err, ERR_NOT_FOUND, "there is no node \"%.100s\"", name);
	return 0;
}

int
node_log_of(struct exchange *x, struct err *err)
{
	const char *name = x->path_values[0];
	const char *file_name = exchange_printf(x, "%s.log", name);
	struct buf disposition = BUF_INIT(HEADER_BYTES_MAX);
	int64_t latest = 0;

	if (read_log_segment(x, x->path_values[1], &latest, err) == -1 ||
	    require_node(x, name, err) == -1)
		return -1;
	if (!other_node_is_here(x, name))
		return other_node_answer(x, name,
					 exchange_printf(x, "/ws/node/log?latest=%" PRId64, latest),
					 "the log", file_name, err);
	if (answer_log(x, latest, "application/octet-stream", err) == -1)
		return -1;
	content_disposition(&disposition, file_name);
	exchange_header(x, "Content-Disposition", buf_text(&disposition));
	buf_free(&disposition);
	return 0;
}

/* Of this node, for another one, which has checked that its caller may read it. */
int
node_log_for_node(struct exchange *x, struct err *err)
{
	int64_t latest;

	if (exchange_query_int(x, "latest", 0, INT64_MAX, LINES_DEFAULT, &latest, err) == -1)
		return -1;
	return answer_log(x, latest, "application/octet-stream", err);
}
