/* SPDX-License-Identifier: Apache-2.0 */
#include "events/rights.h"

#include <stddef.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "db/db.h"
#include "events/listener.h"

#define EVERY_MS 2000
#define ARRAY_BYTES_MAX ((size_t)4 * 1024 * 1024)

DB_STMT(events_may) = {
	.name = "events_may",
	.text = "SELECT jqm.events_may($1::bigint[], $2::bigint[], $3::bigint[])",
	.n_params = 3,
	.read_only = true,
};

static void
on_told(void *arg, const struct db_result *rows, const struct err *err)
{
	struct rights *rights = arg;
	char reason[LOG_VALUE_SIZE];

	rights->asking = false;
	rights->due_ms = clock_mono_ms() + EVERY_MS;
	if (rows == NULL)
		log_warn("rights_not_read", "reason=\"%s\"", log_value(reason, err->text));
	else if (db_text(rows, 0, 0) != NULL)
		rights->lost(rights->arg, rights->check, db_text(rows, 0, 0));
}

void
rights_ask(struct rights *rights, struct listener *first, int64_t now_ms)
{
	struct buf arrays[3] = { BUF_INIT(ARRAY_BYTES_MAX), BUF_INIT(ARRAY_BYTES_MAX),
				 BUF_INIT(ARRAY_BYTES_MAX) };
	size_t n = 0;

	rights->check++;
	for (struct listener *l = first; l != NULL; l = l->next) {
		const int64_t values[] = { l->ticket.account_id, l->ticket.account_stamp,
					   l->ticket.session_id };

		if (l->phase != LISTENER_HEARS && l->phase != LISTENER_WAITS)
			continue;
		for (size_t i = 0; i < 3; i++) {
			buf_putc(&arrays[i], n == 0 ? '{' : ',');
			buf_int64(&arrays[i], values[i]);
		}
		l->check = rights->check;
		l->check_index = n++;
	}
	if (n > 0) {
		for (size_t i = 0; i < 3; i++)
			buf_putc(&arrays[i], '}');
		rights->asking = true;
		db_async_send(rights->db, &events_may,
			      (const char *const[]){ buf_text(&arrays[0]), buf_text(&arrays[1]),
						     buf_text(&arrays[2]) },
			      on_told, rights);
	} else {
		rights->due_ms = now_ms + EVERY_MS;
	}
	for (size_t i = 0; i < 3; i++)
		buf_free(&arrays[i]);
}
