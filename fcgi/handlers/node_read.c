/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/handlers/node_read.c: is this node well, and what does its log say. */
#include <errno.h>
#include <fcntl.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
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
	int64_t latest;
	int fd = -1;
	int rc;

	if (exchange_query_int(x, "latest", 0, INT64_MAX, 0, &latest, err) == -1)
		return -1;
	if (path == NULL || (fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)) == -1) {
		x->response.error_code = ERROR_CODE_NO_FILE;
		return path == NULL || errno == ENOENT
			   ? err_set(err, ERR_NOT_FOUND, "this node's log is not there")
			   : err_errno(err, ERR_INTERNAL, "could not open \"%s\"", path);
	}
	rc = log_tail(fd, latest > LINES_MAX ? LINES_MAX : (size_t)latest, LOG_BYTES_MAX, &lines,
		      err);
	if (rc == 0)
		exchange_answer_bytes(x, 200, "text/plain;charset=UTF-8", buf_text(&lines),
				      lines.len);
	buf_free(&lines);
	fd_close(&fd);
	return rc;
}
