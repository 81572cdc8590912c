/* SPDX-License-Identifier: Apache-2.0 */
#include "notifier/mail_row.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NUMBER_SIZE 24

/* In the order of the columns in claim_stmt. */
enum {
	COL_ID,
	COL_TRY,
	COL_CREATED,
	COL_JOB,
	COL_OCCASION,
	COL_RECIPIENT,
	COL_DEFINITION,
	COL_STATE,
	COL_EXIT_CODE,
	COL_SIGNAL,
	COL_REASON,
	COL_QUEUE,
	COL_NODE,
	COL_USER,
	COL_PARENT,
	COL_SESSION,
	COL_ATTEMPT,
	COL_FAILURES,
	COL_ENQUEUED,
	COL_STARTED,
	COL_ENDED,
	COL_ALERT,
	COL_FILES,
	COL_FILE_COUNT
};

/* $1: lease in ms */
DB_STMT(claim_stmt) = {
	.name = "mail_claim",
	.text = "SELECT id, try, created_us, job_id, occasion, recipient, definition_name, state,"
		" exit_code, signal, reason, queue_name, node_name, user_name, parent_id,"
		" session_key, attempt, failures, enqueued_at, started_at, ended_at,"
		" alert_after_min, files, file_count FROM jqm.mail_claim(1, $1::int)",
	.n_params = 1,
};

/* $1: mail */
DB_STMT(sent_stmt) = {
	.name = "mail_sent",
	.text = "SELECT jqm.mail_sent($1::bigint)",
	.n_params = 1,
};

/* $1: mail, $2: try, $3: why, $4: for good */
DB_STMT(failed_stmt) = {
	.name = "mail_failed",
	.text = "SELECT jqm.mail_failed($1::bigint, $2::int, $3, $4::boolean)",
	.n_params = 4,
};

/* $1: node, $2: has it a mail server */
DB_STMT(announce_stmt) = {
	.name = "mail_announce",
	.text = "SELECT jqm.mail_announce($1, $2::boolean)",
	.n_params = 2,
};

DB_STMT(drop_stmt) = {
	.name = "mail_drop",
	.text = "SELECT jqm.mail_drop(1000)",
};

void
mail_row_claim(struct db_async *db, int64_t lease_ms, db_done_fn *done, void *arg)
{
	char text[NUMBER_SIZE];

	(void)snprintf(text, sizeof(text), "%" PRId64, lease_ms);
	db_async_send(db, &claim_stmt, (const char *const[]){ text }, done, arg);
}

void
mail_row_read(const struct db_result *rows, struct mail *out)
{
	*out = (struct mail){
		.id = db_int64(rows, 0, COL_ID),
		.try = db_int64(rows, 0, COL_TRY),
		.created_us = db_int64(rows, 0, COL_CREATED),
		.job_id = db_int64(rows, 0, COL_JOB),
		.is_late = strcmp(db_text(rows, 0, COL_OCCASION), "LATE") == 0,
		.recipient = db_text(rows, 0, COL_RECIPIENT),
		.definition = db_text(rows, 0, COL_DEFINITION),
		.state = db_text(rows, 0, COL_STATE),
		.exit_code = db_text(rows, 0, COL_EXIT_CODE),
		.signal = db_text(rows, 0, COL_SIGNAL),
		.reason = db_text(rows, 0, COL_REASON),
		.queue = db_text(rows, 0, COL_QUEUE),
		.node = db_text(rows, 0, COL_NODE),
		.user = db_text(rows, 0, COL_USER),
		.parent = db_text(rows, 0, COL_PARENT),
		.session = db_text(rows, 0, COL_SESSION),
		.attempt = db_text(rows, 0, COL_ATTEMPT),
		.failures = db_text(rows, 0, COL_FAILURES),
		.enqueued = db_text(rows, 0, COL_ENQUEUED),
		.started = db_text(rows, 0, COL_STARTED),
		.ended = db_text(rows, 0, COL_ENDED),
		.alert_after_min = db_text(rows, 0, COL_ALERT),
		.files = db_text(rows, 0, COL_FILES),
		.file_count = db_int64(rows, 0, COL_FILE_COUNT),
	};
}

void
mail_row_sent(struct db_async *db, int64_t id, db_done_fn *done, void *arg)
{
	char text[NUMBER_SIZE];

	(void)snprintf(text, sizeof(text), "%" PRId64, id);
	db_async_send(db, &sent_stmt, (const char *const[]){ text }, done, arg);
}

void
mail_row_failed(struct db_async *db, int64_t id, int64_t try, const char *error, bool permanent,
		db_done_fn *done, void *arg)
{
	char id_text[NUMBER_SIZE], try_text[NUMBER_SIZE];

	(void)snprintf(id_text, sizeof(id_text), "%" PRId64, id);
	(void)snprintf(try_text, sizeof(try_text), "%" PRId64, try);
	db_async_send(db, &failed_stmt,
		      (const char *const[]){ id_text, try_text, error, permanent ? "t" : "f" },
		      done, arg);
}

void
mail_row_announce(struct db_async *db, const char *node_name, bool can_send, db_done_fn *done,
		  void *arg)
{
	db_async_send(db, &announce_stmt, (const char *const[]){ node_name, can_send ? "t" : "f" },
		      done, arg);
}

void
mail_row_drop(struct db_async *db, db_done_fn *done, void *arg)
{
	db_async_send(db, &drop_stmt, NULL, done, arg);
}
