/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as the JSON of a request or of a list of jobs: refused with a reason, or what was read
 * keeps the limits of its table, is written, and what was written reads and writes the same again.
 * What it was parsed to is what the library makes of it, but for numbers, which have that value as text.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"
#include "base/str.h"
#include "codec/doc_json_private.h"
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

static void same_value(const char *text, size_t len, const json_t *ours, json_t *plain,
		       struct pool *pool);

static void
same_members(const char *text, size_t len, const json_t *ours, json_t *plain, struct pool *pool)
{
	const char *key;
	json_t *value;

	FUZZ_CHECK(json_object_size(ours) == json_object_size(plain));
	json_object_foreach(plain, key, value)
	{
		FUZZ_CHECK(json_object_get(ours, key) != NULL);
		same_value(text, len, json_object_get(ours, key), value, pool);
	}
}

static void
same_value(const char *text, size_t len, const json_t *ours, json_t *plain, struct pool *pool)
{
	if (json_is_real(ours)) {
		const char *number = doc_json_number_text(text, len, ours, &pool->memory);

		FUZZ_CHECK(json_is_number(plain));
		FUZZ_CHECK(!(strtod(number, NULL) < json_number_value(plain)));
		FUZZ_CHECK(!(strtod(number, NULL) > json_number_value(plain)));
		return;
	}
	FUZZ_CHECK(json_typeof(ours) == json_typeof(plain));
	if (json_is_object(ours)) {
		same_members(text, len, ours, plain, pool);
		return;
	}
	FUZZ_CHECK(json_array_size(ours) == json_array_size(plain));
	for (size_t i = 0; i < json_array_size(ours); i++)
		same_value(text, len, json_array_get(ours, i), json_array_get(plain, i), pool);
	FUZZ_CHECK(json_is_array(ours) || json_equal(ours, plain));
}

static void
fuzz_parse(const char *text, size_t len, struct pool *pool)
{
	struct err err = ERR_INIT;
	json_error_t problem;
	json_t *ours = doc_json_parse(text, len, &err);
	json_t *plain = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &problem);

	if (ours != NULL && plain != NULL)
		same_value(text, len, ours, plain, pool);
	else if (ours != NULL)
		FUZZ_CHECK(json_error_code(&problem) == json_error_numeric_overflow);
	else if (plain != NULL)
		FUZZ_CHECK(strstr(err.text, "nested deeper") != NULL ||
			   strstr(err.text, "is NUL") != NULL);
	json_decref(ours);
	json_decref(plain);
}

/* Numbers of jobs that are read without a tree are those of the tree. */
static void
fuzz_ids(const char *text, size_t len, struct pool *pool)
{
	struct err err = ERR_INIT;
	json_error_t problem;
	int64_t *ids, id;
	size_t n;
	json_t *tree;

	if (doc_json_plain_ids(text, len, len, &pool->memory, &ids, &n, &err) != 1)
		return;
	tree = json_loadb(text, len, JSON_REJECT_DUPLICATES, &problem);
	FUZZ_CHECK(n > 0 && json_array_size(tree) == n);
	for (size_t i = 0; i < n; i++) {
		const json_t *item = json_array_get(tree, i);

		if (json_is_integer(item))
			id = json_integer_value(item);
		else
			FUZZ_CHECK(num_int64(json_string_value(item), 1, INT64_MAX, &id) == 0);
		FUZZ_CHECK(id == ids[i]);
	}
	json_decref(tree);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pool pool;

	pool_init(&pool);
	fuzz_parse((const char *)data, size, &pool);
	fuzz_ids((const char *)data, size, &pool);
	fuzz_request((const char *)data, size, &pool, size % 2 == 0);
	fuzz_list((const char *)data, size, &pool);
	pool_free(&pool);
	return 0;
}
