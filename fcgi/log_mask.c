/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/log_mask.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "crypto/secret_box.h"
#include "fcgi/exchange.h"
#include "fcgi/secret_params.h"
#include "model/memory.h"
#include "model/value.h"
#include "store/job_log_store.h"

#define VALUE_BYTES_MIN 4
#define PIECE ((size_t)64 * 1024)

static int
add_value(struct exchange *x, struct log_mask *mask, const struct secret_keys *keys,
	  const char *definition, const struct text_pair *sealed, struct err *err)
{
	char *value = secret_open(keys, definition, sealed->key, sealed->value, err);
	size_t len;

	if (value == NULL)
		return -1;
	len = strlen(value);
	if (len >= VALUE_BYTES_MIN) {
		mask->values[mask->len++] = exchange_strdup(x, value);
		if (len > mask->longest)
			mask->longest = len;
	}
	explicit_bzero(value, len);
	free(value);
	return 0;
}

/* To the caller there is no log: what should not be seen in it is not known. */
static int
cannot_show(struct err *err, const char *key)
{
	if (err->kind != ERR_BUSY)
		err->kind = ERR_NOT_FOUND;
	return err_prefix(
	    err,
	    "the log may hold secret parameter \"%s\", which is not known here, and is not shown",
	    key);
}

/* A value within another one must not hide a part of it from the search. */
static int
longer_first(const void *a, const void *b)
{
	size_t one = strlen(*(const char *const *)a), other = strlen(*(const char *const *)b);

	return one < other ? 1 : one > other ? -1 : 0;
}

int
log_mask_read(struct exchange *x, int64_t job_id, struct log_mask *out, struct err *err)
{
	struct memory *memory = exchange_memory(x);
	struct secret_keys *keys;
	const char *definition;
	struct text_map sealed;
	int rc = 0;

	*out = (struct log_mask){ NULL, 0, 0 };
	if (job_log_secrets(x->db, job_id, memory, &definition, &sealed, err) == -1)
		return -1;
	if (sealed.len == 0)
		return 0;
	if ((keys = secret_params_keys(x, err)) == NULL)
		return cannot_show(err, sealed.items[0].key);
	out->values = memory_alloc_array(memory, sealed.len, sizeof(out->values[0]));
	for (size_t i = 0; i < sealed.len && rc == 0; i++)
		if (add_value(x, out, keys, definition, &sealed.items[i], err) == -1)
			rc = cannot_show(err, sealed.items[i].key);
	secret_keys_free(keys);
	if (out->len > 1)
		qsort(out->values, out->len, sizeof(out->values[0]), longer_first);
	return rc;
}

void
log_mask_bytes(const struct log_mask *mask, char *data, size_t len)
{
	for (size_t i = 0; i < mask->len; i++) {
		size_t value_len = strlen(mask->values[i]);
		char *at = data;

		while ((at = memmem(at, len - (size_t)(at - data), mask->values[i], value_len)) !=
		       NULL) {
			memset(at, '*', value_len);
			at += value_len;
		}
	}
}

ssize_t
log_mask_pread(const struct log_mask *mask, int fd, char *data, size_t len, off_t at, char *margin)
{
	size_t before = (off_t)mask->longest < at ? mask->longest : (size_t)at;
	ssize_t n;

	do {
		n = pread(fd, margin, before + len + mask->longest, at - (off_t)before);
	} while (n == -1 && errno == EINTR);
	if (n <= (ssize_t)before)
		return n == -1 ? -1 : 0;
	log_mask_bytes(mask, margin, (size_t)n);
	n -= (ssize_t)before;
	if ((size_t)n > len)
		n = (ssize_t)len;
	memcpy(data, margin + before, (size_t)n);
	return n;
}

/* What was read and not given yet; its last bytes may be the beginning of a value. */
struct mask_stream {
	struct body_stream stream; /* first: one is the other */
	struct body_stream *inner;
	struct log_mask mask; /* a copy: the handler has returned when the answer is sent */
	char *held;
	size_t len, size;
	bool ended;
};

/* Read until there is more than may be the beginning of a value, or nothing more.  0 or -1. */
static int
fill(struct mask_stream *s)
{
	while (!s->ended && s->len <= s->mask.longest) {
		ssize_t n = s->inner->read(s->inner, s->held + s->len, s->size - s->len);

		if (n == -1)
			return -1;
		s->ended = n == 0;
		s->len += (size_t)n;
	}
	log_mask_bytes(&s->mask, s->held, s->len);
	return 0;
}

static ssize_t
mask_read(struct body_stream *stream, char *data, size_t size)
{
	struct mask_stream *s = (struct mask_stream *)(void *)stream;
	size_t n;

	if (fill(s) == -1)
		return -1;
	n = s->ended ? s->len : s->len - s->mask.longest;
	if (n > size)
		n = size;
	memcpy(data, s->held, n);
	memmove(s->held, s->held + n, s->len - n);
	s->len -= n;
	return (ssize_t)n;
}

static void
mask_close(struct body_stream *stream)
{
	struct mask_stream *s = (struct mask_stream *)(void *)stream;

	s->inner->close(s->inner);
}

struct body_stream *
log_mask_stream_new(struct exchange *x, const struct log_mask *mask, struct body_stream *inner)
{
	struct mask_stream *s = exchange_alloc(x, sizeof(*s));

	*s = (struct mask_stream){ .stream = { mask_read, mask_close },
				   .inner = inner,
				   .mask = *mask,
				   .size = 2 * mask->longest + PIECE };
	s->held = exchange_alloc(x, s->size);
	return &s->stream;
}
