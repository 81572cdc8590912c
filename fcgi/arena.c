/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "model/memory.h"

#define BLOCK_BYTES ((size_t)16 * 1024)
#define ALIGNMENT alignof(max_align_t)

struct block {
	struct block *next;
	size_t size, used; /* of the bytes behind this header */
	alignas(max_align_t) unsigned char bytes[];
};

struct arena {
	struct memory memory; /* first: its functions get a pointer to the arena */
	struct block *newest; /* the oldest, last in the list, is kept over resets */
};

static struct block *
block_new(size_t size, struct block *next)
{
	struct block *block;

	if (size > SIZE_MAX - sizeof(*block))
		abort();
	block = calloc(1, sizeof(*block) + size);
	if (block == NULL)
		abort();
	block->size = size;
	block->next = next;
	return block;
}

/* Wipe with a call that no compiler leaves out. */
static void
block_clear(struct block *block)
{
	explicit_bzero(block->bytes, block->used);
	block->used = 0;
}

static void *
alloc_for_memory(struct memory *memory, size_t size)
{
	return arena_alloc((struct arena *)memory, size);
}

struct memory *
arena_memory(struct arena *arena)
{
	return &arena->memory;
}

struct arena *
arena_new(void)
{
	struct arena *arena = malloc(sizeof(*arena));

	if (arena == NULL)
		abort();
	arena->memory.alloc = alloc_for_memory;
	arena->newest = block_new(BLOCK_BYTES, NULL);
	return arena;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	struct block *block = arena->newest;
	void *memory;

	if (size > SIZE_MAX - ALIGNMENT)
		abort();
	size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if (block->size - block->used < size) {
		block = block_new(size > BLOCK_BYTES ? size : BLOCK_BYTES, block);
		arena->newest = block;
	}
	memory = block->bytes + block->used;
	block->used += size;
	return memory;
}

void
arena_reset(struct arena *arena)
{
	while (arena->newest->next != NULL) {
		struct block *block = arena->newest;

		arena->newest = block->next;
		block_clear(block);
		free(block);
	}
	block_clear(arena->newest);
}

void
arena_free(struct arena *arena)
{
	if (arena == NULL)
		return;
	arena_reset(arena);
	free(arena->newest);
	free(arena);
}
