/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/handlers/node_read.c: is this node well, and what does its log say. */

#include "base/buf.h"
#include "base/err.h"
#include "conf/settings.h"
#include "fcgi/exchange.h"
#include "fcgi/document.h"
#include "fcgi/handlers/handlers.h"
#include "fcgi/log_tail.h"
#include "model/error_report.h"
#include "store/node_health_store.h"

#define LINES_MAX 10000
#define LOG_BYTES_MAX (8u * 1024 * 1024)

/* Anybody may ask, so the answer names neither node nor queue. */
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

int
node_log_tail(struct exchange *x, struct err *err)
{
	const char *path = settings_text(x->settings, "fcgi:node_log");
	struct buf lines = BUF_INIT(LOG_BYTES_MAX + 1);
	struct err why = ERR_INIT;
	int64_t latest;
	int rc;

	if (exchange_query_int(x, "latest", 0, INT64_MAX, 0, &latest, err) == -1)
		return -1;
	if (path == NULL)
		rc = err_set(&why, ERR_NOT_FOUND, "fcgi:node_log is not given");
	else
		rc = log_tail_all(path, latest > LINES_MAX ? LINES_MAX : (size_t)latest,
				  LOG_BYTES_MAX, &lines, &why);
	if (rc == -1 && why.kind == ERR_NOT_FOUND) {
		x->response.error_code = ERROR_CODE_NO_FILE;
		(void)err_set(err, ERR_NOT_FOUND, "this node's log is not there");
	} else if (rc == -1) {
		*err = why;
	}
	if (rc == 0)
		exchange_answer_bytes(x, 200, "text/plain;charset=UTF-8", buf_text(&lines),
				      lines.len);
	buf_free(&lines);
	return rc;
}
