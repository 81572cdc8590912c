/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/keeper_wire.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

/*
 * One table of fields per body serves both directions, so that what is written and what is read
 * cannot differ.  A text is a u32 length and its bytes, without a NUL; a list is a u32 count and
 * that many texts.
 */
enum field_kind {
	FIELD_I32,
	FIELD_I64,
	FIELD_TEXT, /* char[size] inside the struct */
	FIELD_STRING, /* const char *, never NULL */
	FIELD_LIST /* const char *const *, NULL-terminated */
};

struct field {
	enum field_kind kind;
	size_t offset; /* in struct keeper_msg */
	size_t size; /* FIELD_TEXT: of the array; FIELD_LIST: fewest texts */
	int32_t min, max; /* FIELD_I32: what is accepted when max > min */
};

struct body {
	enum keeper_msg_type type;
	const struct field *fields;
	size_t count;
};

struct msg_header {
	uint32_t len;
	uint16_t type;
	uint16_t version;
};

#define AT(member) offsetof(struct keeper_msg, u.member)
#define JOB_FIELDS(member)                                                                     \
	{ FIELD_I64, AT(member.job_id), 0, 0, 0 }, { FIELD_I32, AT(member.attempt), 0, 0, 0 }, \
	{                                                                                      \
		FIELD_I64, AT(member.incarnation), 0, 0, 0                                     \
	}

static const struct field start_fields[] = {
	JOB_FIELDS(start.job),
	{ FIELD_STRING, AT(start.program), 0, 0, 0 },
	{ FIELD_LIST, AT(start.argv), 1, 0, 0 },
	{ FIELD_LIST, AT(start.envp), 0, 0, 0 },
	{ FIELD_STRING, AT(start.cwd), 0, 0, 0 },
	{ FIELD_STRING, AT(start.stdout_path), 0, 0, 0 },
	{ FIELD_STRING, AT(start.stderr_path), 0, 0, 0 },
	{ FIELD_I32, AT(start.nice), 0, 0, 0 },
	{ FIELD_I32, AT(start.umask), 0, 0, 0 },
	{ FIELD_I64, AT(start.run_max_ms), 0, 0, 0 },
	{ FIELD_I64, AT(start.grace_ms), 0, 0, 0 },
	{ FIELD_I64, AT(start.log_max_bytes), 0, 0, 0 },
	{ FIELD_I64, AT(start.file_max_bytes), 0, 0, 0 },
	{ FIELD_I64, AT(start.memory_max_bytes), 0, 0, 0 },
	{ FIELD_I64, AT(start.cpu_max_s), 0, 0, 0 },
	{ FIELD_I64, AT(start.processes_max), 0, 0, 0 },
	{ FIELD_I32, AT(start.lease_bound), 0, 0, 1 },
	{ FIELD_STRING, AT(start.run_as), 0, 0, 0 },
};

#define LOG_FIELDS(member)                                 \
	{ FIELD_I64, AT(member.head_end), 0, 0, 0 },       \
	    { FIELD_I64, AT(member.tail_start), 0, 0, 0 }, \
	{                                                  \
		FIELD_I64, AT(member.truncated), 0, 0, 0   \
	}

static const struct field report_fields[] = {
	JOB_FIELDS(report.job),
	{ FIELD_I32, AT(report.state), 0, KEEPER_SLOT_LIVE, KEEPER_SLOT_ENDED },
	{ FIELD_I32, AT(report.pid), 0, 0, 0 },
	{ FIELD_I64, AT(report.started_us), 0, 0, 0 },
	{ FIELD_I64, AT(report.ended_us), 0, 0, 0 },
	{ FIELD_I32, AT(report.exit_code), 0, 0, 0 },
	{ FIELD_I32, AT(report.signal), 0, 0, 0 },
	{ FIELD_I32, AT(report.cause), 0, KEEPER_CAUSE_NONE, KEEPER_CAUSE_LEASE },
	{ FIELD_I32, AT(report.left), 0, 0, 0 },
	{ FIELD_I64, AT(report.user_us), 0, 0, 0 },
	{ FIELD_I64, AT(report.system_us), 0, 0, 0 },
	{ FIELD_I64, AT(report.max_rss_kb), 0, 0, 0 },
	{ FIELD_I64, AT(report.log_max_bytes), 0, 0, 0 },
	{ FIELD_I64, AT(report.run_max_ms), 0, 0, 0 },
	{ FIELD_I64, AT(report.memory_max_bytes), 0, 0, 0 },
	{ FIELD_I64, AT(report.cpu_max_s), 0, 0, 0 },
	{ FIELD_I64, AT(report.processes_max), 0, 0, 0 },
	LOG_FIELDS(report.logs[KEEPER_STDOUT]),
	LOG_FIELDS(report.logs[KEEPER_STDERR]),
};

static const struct field not_started_fields[] = {
	JOB_FIELDS(not_started.job),
	{ FIELD_I32, AT(not_started.error), 0, 0, 0 },
	{ FIELD_TEXT, AT(not_started.step), sizeof(((struct keeper_not_started *)0)->step), 0, 0 },
};

static const struct field signal_fields[] = {
	JOB_FIELDS(signal.job),
	{ FIELD_I32, AT(signal.kind), 0, KEEPER_KILL, KEEPER_RESUME },
	{ FIELD_I64, AT(signal.grace_ms), 0, 0, 0 },
};

static const struct field forget_fields[] = { JOB_FIELDS(job) };

static const struct field lease_fields[] = {
	{ FIELD_I64, AT(lease.end_from_ms), 0, 0, 0 },
	{ FIELD_I64, AT(lease.kill_from_ms), 0, 0, 0 },
};

static const struct field welcome_fields[] = {
	{ FIELD_I32, AT(welcome.pid), 0, 0, 0 },
	{ FIELD_I32, AT(welcome.version), 0, 0, 0 },
	{ FIELD_I32, AT(welcome.slots_total), 0, 0, 0 },
	{ FIELD_I32, AT(welcome.slots_used), 0, 0, 0 },
	{ FIELD_TEXT, AT(welcome.kill_means), sizeof(((struct keeper_welcome *)0)->kill_means), 0,
	  0 },
};

#define COUNT_FIELD(i)                                           \
	{                                                        \
		FIELD_I64, AT(figures.passes.counts[i]), 0, 0, 0 \
	}
static const struct field figures_fields[] = {
	COUNT_FIELD(0),  COUNT_FIELD(1),
	COUNT_FIELD(2),  COUNT_FIELD(3),
	COUNT_FIELD(4),  COUNT_FIELD(5),
	COUNT_FIELD(6),  COUNT_FIELD(7),
	COUNT_FIELD(8),  COUNT_FIELD(9),
	COUNT_FIELD(10), COUNT_FIELD(11),
	COUNT_FIELD(12), COUNT_FIELD(13),
	COUNT_FIELD(14), { FIELD_I64, AT(figures.passes.sum_us), 0, 0, 0 },
};
_Static_assert(sizeof(figures_fields) / sizeof(figures_fields[0]) == HISTOGRAM_BOUNDS + 2,
	       "a field for each number of a histogram");

#define BODY(type, fields)                                             \
	{                                                              \
		(type), (fields), sizeof(fields) / sizeof((fields)[0]) \
	}

static const struct body bodies[] = {
	{ KEEPER_HELLO, NULL, 0 },
	BODY(KEEPER_START, start_fields),
	BODY(KEEPER_SIGNAL, signal_fields),
	BODY(KEEPER_FORGET, forget_fields),
	{ KEEPER_DRAIN, NULL, 0 },
	BODY(KEEPER_LEASE, lease_fields),
	BODY(KEEPER_TAKE_BACK, forget_fields),
	BODY(KEEPER_WELCOME, welcome_fields),
	BODY(KEEPER_SLOT, report_fields),
	{ KEEPER_LIST_END, NULL, 0 },
	BODY(KEEPER_STARTED, report_fields),
	BODY(KEEPER_NOT_STARTED, not_started_fields),
	BODY(KEEPER_ENDED, report_fields),
	BODY(KEEPER_FIGURES, figures_fields),
};

static const struct body *
body_of(unsigned type)
{
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		if ((unsigned)bodies[i].type == type)
			return &bodies[i];
	return NULL;
}

/* --- writing: past the end it only counts, and the caller looks once --- */

struct writer {
	char *data;
	size_t len;
	size_t cap;
};

static void
put(struct writer *w, const void *bytes, size_t len)
{
	if (w->len <= w->cap && len <= w->cap - w->len)
		memcpy(w->data + w->len, bytes, len);
	else
		w->cap = 0; /* full for ever */
	w->len += len;
}

static void
put_text(struct writer *w, const char *text, size_t len)
{
	uint32_t n = (uint32_t)len;

	assert(len <= UINT32_MAX);
	put(w, &n, sizeof(n));
	put(w, text, len);
}

static void
put_list(struct writer *w, const char *const *list)
{
	uint32_t n = 0;

	while (list != NULL && list[n] != NULL)
		n++;
	put(w, &n, sizeof(n));
	for (uint32_t i = 0; i < n; i++)
		put_text(w, list[i], strlen(list[i]));
}

static void
put_field(struct writer *w, const struct field *f, const struct keeper_msg *msg)
{
	const char *at = (const char *)msg + f->offset;
	const char *text;
	const char *const *list;

	switch (f->kind) {
	case FIELD_I32:
		put(w, at, sizeof(int32_t));
		break;
	case FIELD_I64:
		put(w, at, sizeof(int64_t));
		break;
	case FIELD_TEXT:
		put_text(w, at, strnlen(at, f->size - 1));
		break;
	case FIELD_STRING:
		memcpy(&text, at, sizeof(text));
		assert(text != NULL);
		put_text(w, text, strlen(text));
		break;
	case FIELD_LIST:
		memcpy(&list, at, sizeof(list));
		put_list(w, list);
		break;
	}
}

int
keeper_packet_add(struct keeper_packet *packet, const struct keeper_msg *msg, struct err *err)
{
	const struct body *body = body_of(msg->type);
	struct msg_header header = { 0, (uint16_t)msg->type, KEEPER_WIRE_VERSION };
	struct writer w = { packet->data + packet->len, 0, KEEPER_PACKET_MAX - packet->len };

	assert(body != NULL && packet->len <= KEEPER_PACKET_MAX);

	put(&w, &header, sizeof(header));
	for (size_t i = 0; i < body->count; i++)
		put_field(&w, &body->fields[i], msg);
	if (w.len > w.cap)
		return err_set(err, ERR_TOO_LARGE,
			       "message of %zu bytes does not fit: a packet has %d", w.len,
			       KEEPER_PACKET_MAX);

	header.len = (uint32_t)w.len;
	memcpy(packet->data + packet->len, &header, sizeof(header));
	packet->len += w.len;
	return 0;
}

/* --- reading: every take_ function is 0, or -1 when the bytes cannot be what they claim --- */

struct reader {
	const char *data;
	size_t left;
	char *arena; /* of a START: pointers of lists grow from its start ... */
	size_t lists; /* ... texts from text_at on */
	size_t text_at;
};

/*
 * What a body of len bytes can need at most: a text takes 4 bytes and its own on the wire, and a
 * pointer, its own and a NUL here; a list takes 4 bytes, and one pointer more.
 */
static size_t
arena_pointers(size_t len)
{
	return (len / sizeof(uint32_t) + 1) * sizeof(char *);
}

static int
take(struct reader *r, void *out, size_t len)
{
	if (len > r->left)
		return -1;
	memcpy(out, r->data, len);
	r->data += len;
	r->left -= len;
	return 0;
}

/* A text without NUL inside, of fewer than size bytes; borrowed from the packet. */
static int
take_text(struct reader *r, size_t size, const char **text, size_t *len)
{
	uint32_t n;

	if (take(r, &n, sizeof(n)) == -1 || n > r->left || n >= size ||
	    memchr(r->data, '\0', n) != NULL)
		return -1;
	*text = r->data;
	*len = n;
	r->data += n;
	r->left -= n;
	return 0;
}

static int
take_string(struct reader *r, const char **out)
{
	const char *text;
	size_t len;
	char *copy;

	assert(r->arena != NULL);
	if (take_text(r, KEEPER_PACKET_MAX, &text, &len) == -1)
		return -1;
	copy = r->arena + r->text_at;
	memcpy(copy, text, len);
	copy[len] = '\0';
	r->text_at += len + 1;
	*out = copy;
	return 0;
}

static int
take_list(struct reader *r, size_t fewest, const char *const **out)
{
	const char **list;
	uint32_t n;

	assert(r->arena != NULL);
	list = (const char **)(void *)(r->arena + r->lists);
	if (take(r, &n, sizeof(n)) == -1 || n > r->left / sizeof(uint32_t) || n < fewest)
		return -1;
	r->lists += (n + 1) * sizeof(list[0]);
	for (uint32_t i = 0; i < n; i++)
		if (take_string(r, &list[i]) == -1)
			return -1;
	list[n] = NULL;
	*out = list;
	return 0;
}

static int
take_i32(struct reader *r, const struct field *f, char *at)
{
	int32_t value;

	if (take(r, &value, sizeof(value)) == -1)
		return -1;
	if (f->max > f->min && (value < f->min || value > f->max))
		return -1;
	memcpy(at, &value, sizeof(value));
	return 0;
}

static int
take_field(struct reader *r, const struct field *f, struct keeper_msg *msg)
{
	char *at = (char *)msg + f->offset;
	const char *text;
	const char *const *list;
	size_t len;

	switch (f->kind) {
	case FIELD_I32:
		return take_i32(r, f, at);
	case FIELD_I64:
		return take(r, at, sizeof(int64_t));
	case FIELD_TEXT:
		if (take_text(r, f->size, &text, &len) == -1)
			return -1;
		memcpy(at, text, len);
		return 0; /* msg was zeroed: terminated */
	case FIELD_STRING:
		if (take_string(r, &text) == -1)
			return -1;
		memcpy(at, &text, sizeof(text));
		return 0;
	case FIELD_LIST:
		if (take_list(r, f->size, &list) == -1)
			return -1;
		memcpy(at, &list, sizeof(list));
		return 0;
	}
	return -1;
}

static int
header_read(const char *data, size_t left, struct msg_header *header, struct err *err)
{
	if (left < sizeof(*header))
		return err_set(err, ERR_INVALID, "packet ends inside a message header");
	memcpy(header, data, sizeof(*header));
	if (header->len < sizeof(*header) || header->len > left)
		return err_set(err, ERR_INVALID, "message claims %u bytes of %zu", header->len,
			       left);
	if (header->version != KEEPER_WIRE_VERSION)
		return err_set(err, ERR_INVALID, "message of version %u, not %d", header->version,
			       KEEPER_WIRE_VERSION);
	return 0;
}

int
keeper_packet_next(const char *data, size_t len, size_t *offset, struct keeper_msg *msg,
		   struct err *err)
{
	struct msg_header header = { 0, 0, 0 };
	const struct body *body;
	struct reader r = { NULL, 0, NULL, 0, 0 };

	if (*offset == len)
		return 0;
	if (len > KEEPER_PACKET_MAX || *offset > len)
		return err_set(err, ERR_INVALID, "packet of %zu bytes is too large", len);
	if (header_read(data + *offset, len - *offset, &header, err) == -1)
		return -1;
	if ((body = body_of(header.type)) == NULL)
		return err_set(err, ERR_INVALID, "message of unknown type %u", header.type);

	memset(msg, 0, sizeof(*msg));
	msg->type = body->type;
	r.data = data + *offset + sizeof(header);
	r.left = header.len - sizeof(header);
	if (body->type == KEEPER_START) {
		r.text_at = arena_pointers(r.left);
		if ((r.arena = malloc(r.text_at + r.left + 1)) == NULL)
			return err_errno(err, ERR_BUSY, "could not read a start order");
		msg->arena = r.arena;
	}
	for (size_t i = 0; i < body->count; i++) {
		if (take_field(&r, &body->fields[i], msg) == -1) {
			keeper_msg_free(msg);
			return err_set(err, ERR_INVALID, "field %zu of message type %u is broken",
				       i + 1, header.type);
		}
	}
	if (r.left != 0) {
		keeper_msg_free(msg);
		return err_set(err, ERR_INVALID, "message type %u has %zu bytes too many",
			       header.type, r.left);
	}
	*offset += header.len;
	return 1;
}

void
keeper_msg_free(struct keeper_msg *msg)
{
	if (msg == NULL)
		return;
	free(msg->arena);
	msg->arena = NULL;
}

const char *
keeper_cause_name(int cause)
{
	static const char *const names[] = { "none",      "order",       "timeout",
					     "log_limit", "keeper_died", "memory",
					     "cpu",       "processes",   "lease" };

	if (cause < 0 || (size_t)cause >= sizeof(names) / sizeof(names[0]))
		return "unknown";
	return names[cause];
}
