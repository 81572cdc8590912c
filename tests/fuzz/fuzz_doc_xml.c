/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as the XML of a request or of a definition: refused with a reason, or what was read is
 * written, and what was written reads and writes the same again.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "codec/doc_xml.h"
#include "codec/docs.h"
#include "model/memory.h"

#include "corpus_main.h"

#define ANSWER_BYTES_MAX (64u * 1024 * 1024)

static void
fuzz_object(const struct wire_object *type, const char *text, size_t len, struct pool *pool)
{
	void *object = memory_alloc(&pool->memory, type->size);
	struct buf once = BUF_INIT(ANSWER_BYTES_MAX), twice = BUF_INIT(ANSWER_BYTES_MAX);
	struct err err = ERR_INIT;

	if (doc_xml_read(type, text, len, &pool->memory, object, &err) == -1) {
		FUZZ_CHECK(err.kind == ERR_INVALID || err.kind == ERR_TOO_LARGE);
		FUZZ_CHECK(err.text[0] != '\0' && str_utf8_valid(err.text, strlen(err.text)));
		return;
	}
	FUZZ_CHECK(wire_check(type, object, &err) == 0);
	doc_xml_write(type, object, &once);
	FUZZ_CHECK(doc_xml_read(type, buf_text(&once), once.len, &pool->memory, object, &err) == 0);
	doc_xml_write(type, object, &twice);
	FUZZ_CHECK(strcmp(buf_text(&once), buf_text(&twice)) == 0);
	buf_free(&once);
	buf_free(&twice);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pool pool;

	pool_init(&pool);
	fuzz_object(&job_request_doc, (const char *)data, size, &pool);
	fuzz_object(&job_def_view_doc, (const char *)data, size, &pool);
	pool_free(&pool);
	return 0;
}
