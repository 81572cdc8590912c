/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/arena.h: memory that is freed in one go, when the request it served is over. */
#ifndef FCGI_ARENA_H
#define FCGI_ARENA_H

#include <stddef.h>

struct arena;
struct memory;

/* An empty arena; out of memory aborts, here and below. */
struct arena *arena_new(void);

/* size bytes of zeroes, aligned for anything; valid until arena_reset() or arena_free(). */
void *arena_alloc(struct arena *arena, size_t size);

/* The same arena as stores and codecs take it. */
struct memory *arena_memory(struct arena *arena);

/* Forget everything; keeps one block for the next user, cleared (it may have held a password). */
void arena_reset(struct arena *arena);

/* arena_free(NULL) does nothing. */
void arena_free(struct arena *arena);

#endif
