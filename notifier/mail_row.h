/* SPDX-License-Identifier: Apache-2.0 */
/* notifier/mail_row.h: the statements of sql/schema (mail) that answer with rows or take values. */
#ifndef NOTIFIER_MAIL_ROW_H
#define NOTIFIER_MAIL_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include "db/db.h"
#include "notifier/mail_text.h"

/* One mail for lease_ms, or none; done gets rows for mail_row_read(). */
void mail_row_claim(struct db_async *db, int64_t lease_ms, db_done_fn *done, void *arg);

/* Row 0 of what mail_row_claim() brought; borrows from rows. */
void mail_row_read(const struct db_result *rows, struct mail *out);

/* It arrived: the mail is gone. */
void mail_row_sent(struct db_async *db, int64_t id, db_done_fn *done, void *arg);

/* done gets a row that says "true" (t) when it was given up. */
void mail_row_failed(struct db_async *db, int64_t id, int64_t try, const char *error,
		     bool permanent, db_done_fn *done, void *arg);

/* Say that this node has a notifier, and whether that has a mail server: without any, mails are dropped. */
void mail_row_announce(struct db_async *db, const char *node_name, bool can_send, db_done_fn *done,
		       void *arg);

/* done gets a row with the number of mails dropped. */
void mail_row_drop(struct db_async *db, db_done_fn *done, void *arg);

#endif
