/* SPDX-License-Identifier: Apache-2.0 */
#include "model/event_id.h"

#include <string.h>

#include "base/err.h"
#include "model/event_filter.h"
#include "model/memory.h"

#define XID_DIGITS_MAX 19

/* Digits, then end (or one of its characters): what is behind them; NULL: none. */
static const char *
read_xid(const char *text, const char *ends, uint64_t *out)
{
	size_t len = strspn(text, "0123456789");

	if (len == 0 || len > XID_DIGITS_MAX ||
	    (text[len] != '\0' && strchr(ends, text[len]) == NULL))
		return NULL;
	*out = 0;
	for (size_t i = 0; i < len; i++)
		*out = *out * 10 + (uint64_t)(text[i] - '0');
	return text + len;
}

static bool
read_open(const char *text, struct memory *memory, struct event_snapshot *out)
{
	uint64_t before = 0;
	uint64_t *open;
	size_t n = 1;

	if (*text == '\0')
		return true;
	for (const char *c = text; *c != '\0'; c++)
		n += *c == ',';
	open = memory_alloc_array(memory, n, sizeof(*open));
	out->open = open;
	for (out->n_open = 0; out->n_open < n; out->n_open++) {
		uint64_t *xid = &open[out->n_open];

		text = read_xid(text, ",", xid);
		if (text == NULL || *xid < out->xmin || *xid >= out->xmax || *xid <= before)
			return false;
		before = *xid;
		text += *text == ',';
	}
	return true;
}

int
event_snapshot_read(const char *text, struct memory *memory, struct event_snapshot *out,
		    struct err *err)
{
	const char *at = text;

	*out = (struct event_snapshot){ .open = NULL };
	if ((at = read_xid(at, ":", &out->xmin)) != NULL && *at == ':' &&
	    (at = read_xid(at + 1, ":", &out->xmax)) != NULL && *at == ':' && out->xmin > 0 &&
	    out->xmin <= out->xmax && read_open(at + 1, memory, out))
		return 0;
	return err_set(err, ERR_INVALID, "the id of the last event is none that was given here");
}

int
event_id_read(const char *text, struct memory *memory, struct event_id *out, struct err *err)
{
	size_t len = strspn(text, "0123456789abcdef");

	if (strlen(text) > EVENT_LAST_ID_BYTES_MAX || len != EVENT_EPOCH_CHARS || text[len] != '-')
		return err_set(err, ERR_INVALID,
			       "the id of the last event is none that was given here");
	memcpy(out->epoch, text, len);
	out->epoch[len] = '\0';
	return event_snapshot_read(text + len + 1, memory, &out->snapshot, err);
}

bool
event_snapshot_has(const struct event_snapshot *snapshot, uint64_t xid)
{
	if (xid < snapshot->xmin)
		return true;
	if (xid >= snapshot->xmax)
		return false;
	for (size_t i = 0; i < snapshot->n_open; i++)
		if (snapshot->open[i] == xid)
			return false;
	return true;
}
