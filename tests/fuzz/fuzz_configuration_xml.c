/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a file of queues, resources or a cluster: refused with reasons, or what was read is written and read
 * back the same. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "codec/configuration_xml.h"
#include "model/configuration.h"
#include "model/memory.h"
#include "model/problem_list.h"

#include "corpus_main.h"

#define DOCUMENT_MAX (64u * 1024 * 1024)

static void
check_refused(const struct problem_list *problems, const struct err *err)
{
	FUZZ_CHECK(err->kind == ERR_INVALID || err->kind == ERR_TOO_LARGE);
	FUZZ_CHECK(err->text[0] != '\0');
	FUZZ_CHECK(str_utf8_valid(err->text, strlen(err->text)));
	for (size_t i = 0; i < problems->len; i++)
		FUZZ_CHECK(problems->items[i][0] != '\0');
}

/* A file of queues has no mappings, a cluster no jobs: what is written drops them, so the second time counts. */
static void
check_accepted(const struct configuration *configuration, enum configuration_scope scope,
	       struct memory *memory)
{
	struct buf once = BUF_INIT(DOCUMENT_MAX), twice = BUF_INIT(DOCUMENT_MAX);
	struct problem_list problems = { .len = 0 };
	struct configuration back;
	struct err err = ERR_INIT;

	configuration_xml_write(configuration, scope, &once);
	FUZZ_CHECK(configuration_xml_read(buf_text(&once), once.len, scope, memory, &back,
					  &problems, &err) == 0);
	configuration_xml_write(&back, scope, &twice);
	FUZZ_CHECK(once.len == twice.len &&
		   memcmp(buf_text(&once), buf_text(&twice), once.len) == 0);
	buf_free(&once);
	buf_free(&twice);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum configuration_scope scopes[] = { CONFIGURATION_ALL, CONFIGURATION_QUEUES,
							   CONFIGURATION_RESOURCES };

	for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++) {
		struct problem_list problems = { .len = 0 };
		struct configuration configuration;
		struct err err = ERR_INIT;
		struct pool pool;

		pool_init(&pool);
		if (configuration_xml_read((const char *)data, size, scopes[i], &pool.memory,
					   &configuration, &problems, &err) == -1)
			check_refused(&problems, &err);
		else
			check_accepted(&configuration, scopes[i], &pool.memory);
		pool_free(&pool);
	}
	return 0;
}
