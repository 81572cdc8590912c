/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/buf.h: growing bytes with a cap.
 *
 * A failed append (cap reached, out of memory) marks the buffer; later appends do nothing, so a
 * writer may append without looking and test once at the end with buf_check().
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

struct buf {
	char *data; /* NUL-terminated after the first append; NULL before */
	size_t len; /* bytes used, without the NUL */
	size_t size; /* bytes allocated */
	size_t cap; /* len never exceeds this */
	bool failed; /* an append did not fit or memory ran out */
	bool no_memory; /* failed because memory ran out */
};
#define BUF_INIT(cap_bytes)                           \
	{                                             \
		NULL, 0, 0, (cap_bytes), false, false \
	}

/* Each appends all of its bytes or none.  data must not point into buf. */
void buf_append(struct buf *buf, const void *data, size_t len);
void buf_puts(struct buf *buf, const char *text);
void buf_putc(struct buf *buf, char c);
void buf_int64(struct buf *buf, int64_t number); /* in digits */
void buf_printf(struct buf *buf, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* len bytes more, which are the caller's to write, now and all of them; NULL when that fails. */
char *buf_extend(struct buf *buf, size_t len);

/* 0, or -1 with ERR_TOO_LARGE (or ERR_INTERNAL for memory) if any append failed. */
int buf_check(const struct buf *buf, struct err *err);

/* The text, never NULL ("" when empty); borrowed until the next append or free. */
const char *buf_text(const struct buf *buf);

/*
 * Hand the bytes over to the caller (free() them; never NULL unless memory ran out); buf is empty
 * and usable again.  Ask buf_check() first: a marked buffer hands over what fitted.
 */
char *buf_take(struct buf *buf);

/* Free what buf owns; it is empty and usable again, cap kept. */
void buf_free(struct buf *buf);

/* The same of a secret: its memory is overwritten first.  What growing left behind is not reached. */
void buf_forget(struct buf *buf);

#endif
