/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model/memory.h: where the model structs a store or a codec makes come from.
 *
 * A struct that was read (from the database, from a document) and all texts in it belong to the
 * memory they were read into and are freed with it, in one go.  A web request lends its arena;
 * others use a pool.
 */
#ifndef MODEL_MEMORY_H
#define MODEL_MEMORY_H

#include <stddef.h>

/* Embed it first in whatever owns the bytes. */
struct memory {
	/* zeroed and aligned for anything; never NULL */
	void *(*alloc)(struct memory *memory, size_t size);
};

/* size bytes, zeroed and aligned for anything; never NULL. */
void *memory_alloc(struct memory *memory, size_t size);
/* n * size bytes; aborts when that overflows. */
void *memory_alloc_array(struct memory *memory, size_t n, size_t size);
/* NULL stays NULL. */
const char *memory_dup(struct memory *memory, const char *text);
const char *memory_dup_len(struct memory *memory, const char *text, size_t len);
const char *memory_printf(struct memory *memory, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* A list of allocations.  Out of memory aborts: nothing sane can follow. */
struct pool_block;
struct pool {
	struct memory memory; /* give &pool.memory to stores and codecs */
	struct pool_block *blocks;
};
void pool_init(struct pool *pool);
void pool_free(struct pool *pool); /* empty and usable again */

#endif
