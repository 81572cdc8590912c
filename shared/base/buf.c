/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"

#define BUF_FIRST_SIZE 256
/* Longer texts are printed twice. */
#define PRINTF_SIZE 256

static bool
mark_no_memory(struct buf *buf)
{
	buf->failed = true;
	buf->no_memory = true;
	return false;
}

/* Room for more bytes and a NUL behind them; false when buf is, or now becomes, marked. */
static bool
make_room(struct buf *buf, size_t more)
{
	size_t need, size;
	char *data;

	if (buf->failed)
		return false;
	if (more > buf->cap - buf->len) {
		buf->failed = true;
		return false;
	}
	if (buf->len + more == SIZE_MAX)
		return mark_no_memory(buf);
	need = buf->len + more + 1;
	if (need <= buf->size)
		return true;
	size = buf->size > SIZE_MAX / 2 ? need : 2 * buf->size;
	if (size < BUF_FIRST_SIZE)
		size = BUF_FIRST_SIZE;
	if (size < need)
		size = need;
	if ((data = realloc(buf->data, size)) == NULL)
		return mark_no_memory(buf);
	buf->data = data;
	buf->size = size;
	return true;
}

/* The same, seen at once where there is room already, as there mostly is. */
static inline bool
has_room(struct buf *buf, size_t more)
{
	return (!buf->failed && more < buf->size - buf->len && more <= buf->cap - buf->len) ||
	       make_room(buf, more);
}

char *
buf_extend(struct buf *buf, size_t len)
{
	char *bytes;

	if (!has_room(buf, len))
		return NULL;
	bytes = buf->data + buf->len;
	buf->len += len;
	buf->data[buf->len] = '\0';
	return bytes;
}

void
buf_append(struct buf *buf, const void *data, size_t len)
{
	char *bytes = buf_extend(buf, len);

	if (bytes != NULL && len > 0)
		memcpy(bytes, data, len);
}

void
buf_puts(struct buf *buf, const char *text)
{
	buf_append(buf, text, strlen(text));
}

void
buf_putc(struct buf *buf, char c)
{
	char *bytes = buf_extend(buf, 1);

	if (bytes != NULL)
		*bytes = c;
}

void
buf_printf(struct buf *buf, const char *fmt, ...)
{
	char text[PRINTF_SIZE];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (len < 0) {
		(void)mark_no_memory(buf);
		return;
	}
	if ((size_t)len < sizeof(text)) {
		buf_append(buf, text, (size_t)len);
		return;
	}
	if (!make_room(buf, (size_t)len))
		return;
	va_start(args, fmt);
	(void)vsnprintf(buf->data + buf->len, (size_t)len + 1, fmt, args);
	va_end(args);
	buf->len += (size_t)len;
}

void
buf_int64(struct buf *buf, int64_t number)
{
	char text[NUM_TEXT_SIZE];

	buf_puts(buf, num_text(text, number));
}

int
buf_check(const struct buf *buf, struct err *err)
{
	if (!buf->failed)
		return 0;
	if (buf->no_memory)
		return err_set(err, ERR_INTERNAL, "out of memory");
	return err_set(err, ERR_TOO_LARGE, "longer than %zu bytes", buf->cap);
}

const char *
buf_text(const struct buf *buf)
{
	return buf->data == NULL ? "" : buf->data;
}

char *
buf_take(struct buf *buf)
{
	char *data = buf->data;

	if (data == NULL)
		data = calloc(1, 1);
	buf->data = NULL;
	buf_free(buf);
	return data;
}

void
buf_free(struct buf *buf)
{
	free(buf->data);
	buf->data = NULL;
	buf->len = 0;
	buf->size = 0;
	buf->failed = false;
	buf->no_memory = false;
}

void
buf_forget(struct buf *buf)
{
	if (buf->data != NULL)
		explicit_bzero(buf->data, buf->size);
	buf_free(buf);
}
