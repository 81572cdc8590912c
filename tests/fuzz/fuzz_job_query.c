/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a query, in JSON or in XML: refused with a reason, or statements that have a place for each
 * of their parameters and none of the caller's bytes in their text.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "codec/doc_json.h"
#include "codec/doc_xml.h"
#include "codec/docs.h"
#include "model/job_query.h"
#include "model/memory.h"
#include "store/job_search_sql.h"

#include "corpus_main.h"

/* What statements are made of, and nothing else. */
static const char *const text_bytes =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 ._,()=<>*+:$[]'";

static void
check_statement(const struct search_sql *sql)
{
	const char *text = buf_text(&sql->text);
	bool named[SEARCH_PARAMS_MAX + 1] = { false };

	FUZZ_CHECK(!sql->text.failed);
	FUZZ_CHECK(strspn(text, text_bytes) == strlen(text));
	for (const char *at = strchr(text, '$'); at != NULL; at = strchr(at + 1, '$')) {
		long number = strtol(at + 1, NULL, 10);

		FUZZ_CHECK(number >= 1 && number <= sql->n_params);
		named[number] = true;
	}
	for (int i = 1; i <= sql->n_params; i++)
		FUZZ_CHECK(named[i] && sql->params[i - 1] != NULL);
}

static void
check_statements(const struct job_query *query, struct memory *memory)
{
	const struct search_range range = { true, 5, 500, false };
	int64_t ids[] = { 1, 2 };
	struct search_names names;
	struct search_sql sql;

	memset(&names, 0, sizeof(names));
	for (int variant = 0; variant < 5; variant++) {
		search_sql_init(&sql, memory);
		for (int i = 0; i < SEARCH_DICTIONARIES && variant == 0; i++) {
			search_sql_free(&sql);
			search_sql_init(&sql, memory);
			names.of[i].asked = search_names_sql(&sql, query, i);
			names.of[i].ids = ids;
			names.of[i].len = (size_t)i % 3;
			names.of[i].too_many = i == SEARCH_NODES;
			if (names.of[i].asked)
				check_statement(&sql);
		}
		if (variant == 1)
			search_ids_sql(&sql, query, &names, &range, 50);
		else if (variant == 2)
			search_sorted_sql(&sql, query, &names, query->first_row.value, INT64_MAX);
		else if (variant == 3)
			search_count_sql(&sql, query, &names, 10);
		else if (variant == 4)
			search_estimate_sql(&sql, query, &names, true);
		if (variant > 0)
			check_statement(&sql);
		search_sql_free(&sql);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct job_query query;
	struct err err = ERR_INIT;
	struct pool pool;
	int rc;

	pool_init(&pool);
	rc = size > 0 && text[0] == '<'
		 ? doc_xml_read(&job_query_doc, text, size, &pool.memory, &query, &err)
		 : doc_json_read(&job_query_doc, text, size, &pool.memory, &query, &err);
	if (rc == 0)
		rc = job_query_check(&query, &err);
	if (rc == -1)
		FUZZ_CHECK(err.kind != ERR_NONE && err.text[0] != '\0');
	else
		check_statements(&query, &pool.memory);
	pool_free(&pool);
	return 0;
}
