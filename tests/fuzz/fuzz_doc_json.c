/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as the JSON of a request or of a list of jobs: refused with a reason, or what was read
 * keeps the limits of its table, is written, and what was written reads and writes the same again.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "codec/doc_json.h"
#include "codec/docs.h"
#include "model/job_instance.h"
#include "model/job_request.h"
#include "model/memory.h"

#include "corpus_main.h"

#define ANSWER_BYTES_MAX (64u * 1024 * 1024)

static void
check_refused(const struct err *err)
{
	FUZZ_CHECK(err->kind == ERR_INVALID);
	FUZZ_CHECK(err->text[0] != '\0');
	FUZZ_CHECK(str_utf8_valid(err->text, strlen(err->text)));
}

static void
fuzz_request(const char *text, size_t len, struct pool *pool, bool dates_as_text)
{
	struct doc_json_style style = { dates_as_text };
	struct job_request request;
	struct buf once = BUF_INIT(ANSWER_BYTES_MAX), twice = BUF_INIT(ANSWER_BYTES_MAX);
	struct err err = ERR_INIT;

	if (doc_json_read(&job_request_doc, text, len, &pool->memory, &request, &err) == -1) {
		check_refused(&err);
		return;
	}
	FUZZ_CHECK(wire_check(&job_request_doc, &request, &err) == 0);
	doc_json_write(&job_request_doc, &request, &style, &once);
	FUZZ_CHECK(str_utf8_valid(buf_text(&once), once.len));
	FUZZ_CHECK(doc_json_read(&job_request_doc, buf_text(&once), once.len, &pool->memory,
				 &request, &err) == 0);
	doc_json_write(&job_request_doc, &request, &style, &twice);
	FUZZ_CHECK(strcmp(buf_text(&once), buf_text(&twice)) == 0);
	buf_free(&once);
	buf_free(&twice);
}

static void
fuzz_list(const char *text, size_t len, struct pool *pool)
{
	struct doc_json_style style = { false };
	struct buf once = BUF_INIT(ANSWER_BYTES_MAX);
	struct wire_items list;
	struct err err = ERR_INIT;

	if (doc_json_read_list(&job_instance_doc, text, len, &pool->memory, &list, &err) == -1) {
		check_refused(&err);
		return;
	}
	doc_json_write_list(&job_instance_doc, list.items, list.len, &style, &once);
	FUZZ_CHECK(doc_json_read_list(&job_instance_doc, buf_text(&once), once.len, &pool->memory,
				      &list, &err) == 0);
	buf_free(&once);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pool pool;

	pool_init(&pool);
	fuzz_request((const char *)data, size, &pool, size % 2 == 0);
	fuzz_list((const char *)data, size, &pool);
	pool_free(&pool);
	return 0;
}
