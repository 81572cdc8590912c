/* SPDX-License-Identifier: Apache-2.0 */
#include "store/metric_store.h"

#include <inttypes.h>
#include <stdlib.h>

#include "db/db.h"
#include "model/memory.h"
#include "model/metric.h"

DB_STMT(metrics_stmt) = {
	.name = "metrics",
	.text = "SELECT name, node, queue, word, value, array_to_string(counts, ' ')"
		" FROM jqm.metrics()",
	.read_only = true,
};
enum { NAME, NODE, QUEUE, WORD, VALUE, COUNTS };

/* "1 2 3" of as many classes as we know; NULL: it is not. */
static const struct histogram *
read_counts(struct memory *memory, const char *text)
{
	struct histogram *histogram = memory_alloc_array(memory, 1, sizeof(*histogram));

	*histogram = (struct histogram){ .sum_us = 0 };
	for (size_t i = 0; i <= HISTOGRAM_BOUNDS; i++) {
		char *end;

		histogram->counts[i] = strtoull(text, &end, 10);
		if (end == text)
			return NULL;
		text = end;
	}
	return *text == '\0' ? histogram : NULL;
}

int
metric_store_read(struct db *db, struct memory *memory, struct metric_list *out, struct err *err)
{
	struct db_result *rows = NULL;

	if (db_exec(db, &metrics_stmt, NULL, &rows, err) == -1)
		return -1;
	out->items = memory_alloc_array(memory, (size_t)db_rows(rows), sizeof(out->items[0]));
	out->len = 0;
	for (int row = 0; row < db_rows(rows); row++) {
		struct metric *metric = &out->items[out->len];

		*metric = (struct metric){
			.name = memory_dup(memory, db_text(rows, row, NAME)),
			.node = memory_dup(memory, db_text(rows, row, NODE)),
			.queue = memory_dup(memory, db_text(rows, row, QUEUE)),
			.word = memory_dup(memory, db_text(rows, row, WORD)),
			.value = memory_dup(memory, db_text(rows, row, VALUE)),
		};
		if (!db_is_null(rows, row, COUNTS)) {
			metric->histogram = read_counts(memory, db_text(rows, row, COUNTS));
			if (metric->histogram == NULL)
				continue;
		}
		out->len++;
	}
	db_result_free(rows);
	return 0;
}
