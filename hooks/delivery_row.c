/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks/delivery_row.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/buf.h"

#define NUMBER_SIZE 24
#define BUSY_BYTES_MAX ((size_t)1024 * 1024)

/* In the order of the columns in claim_stmt. */
enum {
	COL_ID,
	COL_TRY,
	COL_HOOK,
	COL_NAME,
	COL_URL,
	COL_EVENT_ID,
	COL_BODY,
	COL_SECRET,
	COL_OLD_SECRET,
	COL_SECONDS
};

/* $1: how many, $2: of each hook, $3: hooks that have some on their way, $4: lease in ms */
DB_STMT(claim_stmt) = {
	.name = "webhook_claim",
	.text = "SELECT id, try, webhook_id, name, url, event_id, body, secret, old_secret, seconds"
		" FROM jqm.webhook_claim($1::int, $2::int, $3::bigint[], $4::int)",
	.n_params = 4,
};

/* $1: delivery, $2: try, $3: outcome, $4: node, $5: ms, $6: status, $7: why, $8: the answer, $9: seconds to wait */
DB_STMT(told_stmt) = {
	.name = "webhook_told",
	.text = "SELECT jqm.webhook_told($1::bigint, $2::int, $3, $4, $5::int, nullif($6::int, 0),"
		" nullif($7, ''), nullif($8, ''), $9::int)",
	.n_params = 9,
};

/* $1: days, $2: how many */
DB_STMT(forget_stmt) = {
	.name = "webhook_forget",
	.text = "SELECT jqm.webhook_forget($1::int, $2::int)",
	.n_params = 2,
};

static const char *
number(char out[NUMBER_SIZE], int64_t value)
{
	(void)snprintf(out, NUMBER_SIZE, "%" PRId64, value);
	return out;
}

void
delivery_row_claim(struct db_async *db, size_t room, size_t each, const int64_t *busy,
		   size_t n_busy, int64_t lease_ms, db_done_fn *done, void *arg)
{
	char room_text[NUMBER_SIZE], each_text[NUMBER_SIZE], lease_text[NUMBER_SIZE];
	struct buf hooks = BUF_INIT(BUSY_BYTES_MAX);

	buf_putc(&hooks, '{');
	for (size_t i = 0; i < n_busy; i++)
		buf_printf(&hooks, "%s%" PRId64, i == 0 ? "" : ",", busy[i]);
	buf_putc(&hooks, '}');
	db_async_send(db, &claim_stmt,
		      (const char *const[]){ number(room_text, (int64_t)room),
					     number(each_text, (int64_t)each), buf_text(&hooks),
					     number(lease_text, lease_ms) },
		      done, arg);
	buf_free(&hooks);
}

void
delivery_row_read(const struct db_result *rows, int row, struct delivery *out)
{
	*out = (struct delivery){
		.id = db_int64(rows, row, COL_ID),
		.try = db_int64(rows, row, COL_TRY),
		.hook = db_int64(rows, row, COL_HOOK),
		.name = db_text(rows, row, COL_NAME),
		.url = db_text(rows, row, COL_URL),
		.event_id = db_text(rows, row, COL_EVENT_ID),
		.body = db_text(rows, row, COL_BODY),
		.secret = db_text(rows, row, COL_SECRET),
		.old_secret = db_text(rows, row, COL_OLD_SECRET),
		.seconds = db_int64(rows, row, COL_SECONDS),
	};
}

void
delivery_row_told(struct db_async *db, int64_t id, int64_t try, const char *node,
		  const struct post_result *result, db_done_fn *done, void *arg)
{
	static const char *const outcomes[] = {
		[POST_DELIVERED] = "DELIVERED", [POST_GONE] = "GONE", [POST_FAILED] = "FAILED"
	};
	char id_text[NUMBER_SIZE], try_text[NUMBER_SIZE], took[NUMBER_SIZE], status[NUMBER_SIZE],
	    wait[NUMBER_SIZE];

	db_async_send(db, &told_stmt,
		      (const char *const[]){
			  number(id_text, id), number(try_text, try), outcomes[result->outcome],
			  node, number(took, result->took_ms), number(status, result->status),
			  result->reason, result->answer,
			  number(wait, result->wait_s < INT32_MAX ? result->wait_s : INT32_MAX) },
		      done, arg);
}

void
delivery_row_forget(struct db_async *db, int64_t days, int64_t n, db_done_fn *done, void *arg)
{
	char days_text[NUMBER_SIZE], n_text[NUMBER_SIZE];

	db_async_send(db, &forget_stmt,
		      (const char *const[]){ number(days_text, days), number(n_text, n) }, done,
		      arg);
}
