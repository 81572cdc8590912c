/* SPDX-License-Identifier: Apache-2.0 */
#include "store/job_together_store.h"

#include <assert.h>
#include <inttypes.h>

#include "base/buf.h"
#include "base/err.h"
#include "db/db.h"
#include "model/job_request.h"
#include "store/job_enqueue_private.h"
#include "store/json_param.h"

#define REQUESTS_BYTES_MAX ((size_t)16 * 1024 * 1024)

DB_STMT(together_stmt) = {
	.name = "job_enqueue_together",
	.text = "SELECT place, id FROM jqm.enqueue_together($1)",
	.n_params = 1,
	.past_gate = true,
};

static bool
is_given(const struct opt_int64 *number)
{
	return number->set && number->value != 0;
}

bool
job_together_text(struct buf *out, const struct job_request *r, const struct job_asker *asker)
{
	if (!job_request_is_ordinary(r) || is_given(&r->priority) || is_given(&r->parent_job_id) ||
	    r->max_attempts.set || r->start_state == JOB_HOLDED ||
	    (r->queue_name != NULL && r->queue_name[0] != '\0'))
		return false;
	job_request_put(out, r);
	if (out->failed)
		return false;
	out->data[out->len - 1] = ','; /* the brace that closes it */
	buf_printf(out, "\"account\":%" PRId64 ",\"stamp\":%" PRId64 ",\"actor\":", asker->account,
		   asker->stamp);
	json_param_text(out, asker->actor);
	buf_putc(out, '}');
	return !out->failed;
}

int
job_together_enqueue(struct db *db, const char *const *texts, size_t n, int64_t *ids,
		     struct err *err)
{
	struct buf all = BUF_INIT(REQUESTS_BYTES_MAX);
	struct db_result *rows = NULL;
	int rc;

	for (size_t i = 0; i < n; i++) {
		buf_putc(&all, i == 0 ? '[' : ',');
		buf_puts(&all, texts[i]);
	}
	buf_putc(&all, ']');
	rc = buf_check(&all, err);
	if (rc == 0)
		rc = db_exec(db, &together_stmt, (const char *const[]){ buf_text(&all) }, &rows,
			     err);
	for (size_t i = 0; i < n; i++)
		ids[i] = 0;
	for (int row = 0; rc == 0 && row < db_rows(rows); row++) {
		int64_t place = db_int64(rows, row, 0);

		assert(place >= 1 && place <= (int64_t)n);
		ids[place - 1] = db_int64(rows, row, 1);
	}
	db_result_free(rows);
	buf_free(&all);
	return rc;
}
