/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a job definition descriptor: refused with reasons, or every definition is valid. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "codec/job_def_xml.h"
#include "model/job_def.h"
#include "model/memory.h"
#include "model/problem_list.h"

#include "corpus_main.h"

static void
check_refused(const struct problem_list *problems, const struct err *err)
{
	FUZZ_CHECK(err->kind == ERR_INVALID || err->kind == ERR_TOO_LARGE);
	FUZZ_CHECK(err->text[0] != '\0');
	FUZZ_CHECK(str_utf8_valid(err->text, strlen(err->text)));
	for (size_t i = 0; i < problems->len; i++)
		FUZZ_CHECK(strncmp(problems->items[i], "line ", 5) == 0 &&
			   str_utf8_valid(problems->items[i], strlen(problems->items[i])));
}

static void
check_accepted(const struct job_def_set *set)
{
	struct err err = ERR_INIT;

	FUZZ_CHECK(set->defs_len > 0);
	for (size_t i = 0; i < set->defs_len; i++) {
		FUZZ_CHECK(job_def_check(&set->defs[i], &err) == 0);
		FUZZ_CHECK(str_utf8_valid(set->defs[i].name, strlen(set->defs[i].name)));
		FUZZ_CHECK(set->defs[i].line > 0);
		for (size_t j = 0; j < i; j++)
			FUZZ_CHECK(strcmp(set->defs[i].name, set->defs[j].name) != 0);
	}
	for (size_t i = 0; i < set->contexts_len; i++)
		FUZZ_CHECK(execution_context_check(&set->contexts[i], &err) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct problem_list problems = { .len = 0 };
	struct job_def_set set;
	struct err err = ERR_INIT;
	struct pool pool;

	pool_init(&pool);
	if (job_def_xml_read_all((const char *)data, size, &pool.memory, &set, &problems, &err) ==
	    -1)
		check_refused(&problems, &err);
	else
		check_accepted(&set);
	pool_free(&pool);
	return 0;
}
