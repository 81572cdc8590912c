/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks/delivery_row.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/buf.h"
#include "hooks/lanes.h"

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
	COL_SECONDS,
	COL_SLOW
};

/* $1, $2: room in each lane, $3: of each hook, $4: to each host, $5 to $7: hooks that have some on their way, $8: lease in ms */
DB_STMT(claim_stmt) = {
	.name = "webhook_claim",
	.text = "SELECT id, try, webhook_id, name, url, event_id, body, secret, old_secret, "
		"seconds, slow"
		" FROM jqm.webhook_claim($1::int, $2::int, $3::int, $4::int, $5::bigint[], "
		"$6::bigint[], $7::bigint[], $8::int)",
	.n_params = 8,
};

/* $1: delivery, $2: try, $3: outcome, $4: node, $5: ms, $6: status, $7: why, $8: the answer, $9: seconds to wait,
 * $10: it was slow */
DB_STMT(told_stmt) = {
	.name = "webhook_told",
	.text = "SELECT jqm.webhook_told($1::bigint, $2::int, $3, $4, $5::int, nullif($6::int, 0),"
		" nullif($7, ''), nullif($8, ''), $9::int, $10::boolean)",
	.n_params = 10,
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

/* {1,2,2} */
static const char *
array_of(struct buf *out, const struct lane *lane)
{
	buf_putc(out, '{');
	for (size_t i = 0; i < lane->len; i++)
		buf_printf(out, "%s%" PRId64, i == 0 ? "" : ",", lane->hooks[i]);
	buf_putc(out, '}');
	return buf_text(out);
}

void
delivery_row_claim(struct db_async *db, const struct lanes *lanes, int64_t lease_ms,
		   db_done_fn *done, void *arg)
{
	char quick_room[NUMBER_SIZE], slow_room[NUMBER_SIZE], each[NUMBER_SIZE], host[NUMBER_SIZE],
	    lease[NUMBER_SIZE];
	struct buf quick = BUF_INIT(BUSY_BYTES_MAX), late = BUF_INIT(BUSY_BYTES_MAX),
		   slow = BUF_INIT(BUSY_BYTES_MAX);

	db_async_send(
	    db, &claim_stmt,
	    (const char *const[]){ number(quick_room, (int64_t)lanes_quick_room(lanes)),
				   number(slow_room, (int64_t)lanes_slow_room(lanes)),
				   number(each, LANE_EACH), number(host, LANE_HOST_MAX),
				   array_of(&quick, &lanes->quick), array_of(&late, &lanes->late),
				   array_of(&slow, &lanes->slow), number(lease, lease_ms) },
	    done, arg);
	buf_free(&quick);
	buf_free(&late);
	buf_free(&slow);
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
		.slow = db_bool(rows, row, COL_SLOW),
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
			  number(wait, result->wait_s < INT32_MAX ? result->wait_s : INT32_MAX),
			  result->took_ms > LANE_SLOW_MS ? "t" : "f" },
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
