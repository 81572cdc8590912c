/* SPDX-License-Identifier: Apache-2.0 */
/* model/memory.c: allocation through the owner's function, and the plainest owner. */
#include "model/memory.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pool_block {
	struct pool_block *next;
	max_align_t bytes[];
};

void *
memory_alloc(struct memory *memory, size_t size)
{
	return memory->alloc(memory, size);
}

void *
memory_alloc_array(struct memory *memory, size_t n, size_t size)
{
	if (size != 0 && n > SIZE_MAX / size)
		abort();
	return memory_alloc(memory, n * size);
}

const char *
memory_dup_len(struct memory *memory, const char *text, size_t len)
{
	char *copy = memory_alloc(memory, len + 1);

	memcpy(copy, text, len);
	return copy;
}

const char *
memory_dup(struct memory *memory, const char *text)
{
	return text == NULL ? NULL : memory_dup_len(memory, text, strlen(text));
}

const char *
memory_printf(struct memory *memory, const char *fmt, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (len < 0)
		abort();
	text = memory_alloc(memory, (size_t)len + 1);
	va_start(args, fmt);
	(void)vsnprintf(text, (size_t)len + 1, fmt, args);
	va_end(args);
	return text;
}

static void *
pool_alloc(struct memory *memory, size_t size)
{
	struct pool *pool = (struct pool *)memory;
	struct pool_block *block;

	if (size > SIZE_MAX - sizeof(*block) || (block = calloc(1, sizeof(*block) + size)) == NULL)
		abort();
	block->next = pool->blocks;
	pool->blocks = block;
	return block->bytes;
}

void
pool_init(struct pool *pool)
{
	pool->memory.alloc = pool_alloc;
	pool->blocks = NULL;
}

void
pool_free(struct pool *pool)
{
	while (pool->blocks != NULL) {
		struct pool_block *next = pool->blocks->next;

		free(pool->blocks);
		pool->blocks = next;
	}
}
