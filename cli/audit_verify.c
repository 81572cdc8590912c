/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/audit_verify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "codec/doc_json.h"
#include "codec/docs.h"
#include "crypto/audit_key.h"
#include "crypto/digest.h"
#include "model/audit_seal.h"
#include "model/memory.h"

#define LINE_MAX_BYTES ((size_t)16 * 1024 * 1024)
#define SAID_MAX 20 /* of one seal's rows */
#define TEXT_MAX 400
#define MARK_BYTES 4

struct row {
	int64_t id;
	unsigned char hash[DIGEST_SIZE];
};

struct audit_verify {
	const char *const *keys;
	size_t n_keys;
	struct audit_anchor anchor;
	void (*say)(void *arg, const char *text);
	void *arg;
	struct buf line; /* what is there of it */
	struct row *rows; /* behind the last seal */
	size_t n_rows, rows_size;
	int64_t last_no; /* 0: no seal yet */
	char last_mac[AUDIT_MAC_SIZE];
	int64_t floor_no;
	char floor_mac[AUDIT_MAC_SIZE];
	bool anchor_seen, ended;
	struct audit_verify_count count;
};

struct audit_verify *
audit_verify_new(const char *const *keys, size_t n_keys, const struct audit_anchor *anchor,
		 void (*say)(void *arg, const char *text), void *arg)
{
	struct audit_verify *v = calloc(1, sizeof(*v));

	if (v == NULL)
		abort(); /* as str_dup(): nothing sane can follow */
	v->keys = keys;
	v->n_keys = n_keys;
	v->anchor = *anchor;
	v->say = say;
	v->arg = arg;
	v->line = (struct buf)BUF_INIT(LINE_MAX_BYTES);
	return v;
}

void
audit_verify_free(struct audit_verify *v)
{
	if (v == NULL)
		return;
	buf_free(&v->line);
	free(v->rows);
	free(v);
}

void
audit_verify_say(struct audit_verify *v, const char *fmt, ...)
{
	char text[TEXT_MAX];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	v->count.problems++;
	v->say(v->arg, text);
}

/* --- signatures --- */

/* Does one of our keys say so?  Else it is said what is wrong. */
static bool
is_signed(struct audit_verify *v, const struct buf *text, const char *key_id, const char *mac,
	  const char *what)
{
	char id[AUDIT_KEY_ID_SIZE];

	for (size_t i = 0; i < v->n_keys; i++) {
		if (audit_key_id(v->keys[i], id) == -1 || strcmp(id, key_id) != 0)
			continue;
		if (!text->failed && audit_key_verify(v->keys[i], buf_text(text), mac) == 1)
			return true;
		audit_verify_say(v, "%s was changed: its signature does not fit", what);
		return false;
	}
	audit_verify_say(v, "%s was signed by key %.40s, which is not here", what, key_id);
	return false;
}

static int
take_floor(struct audit_verify *v, const char *line, size_t len, struct memory *memory,
	   struct err *err)
{
	struct buf text = BUF_INIT(AUDIT_SEAL_TEXT_MAX);
	struct audit_floor floor;

	if (doc_json_read(&audit_floor_doc, line, len, memory, &floor, err) == -1)
		return -1;
	audit_floor_text(&text, &floor);
	if (is_signed(v, &text, floor.key_id, floor.mac, "the note of what was purged")) {
		v->floor_no = floor.no;
		(void)str_copy(v->floor_mac, sizeof(v->floor_mac), floor.seal_mac);
	}
	buf_free(&text);
	return 0;
}

/* --- rows --- */

static int
take_row(struct audit_verify *v, const char *line, size_t len, struct err *err)
{
	struct row *row;

	if (v->n_rows == v->rows_size) {
		size_t size = v->rows_size == 0 ? 4096 : v->rows_size * 2;
		struct row *grown = reallocarray(v->rows, size, sizeof(*grown));

		if (grown == NULL)
			return err_errno(err, ERR_INTERNAL, "could not keep the rows");
		v->rows = grown;
		v->rows_size = size;
	}
	row = &v->rows[v->n_rows++];
	row->id = strtoll(line + strlen("{\"id\":"), NULL, 10);
	if (digest_sha256(line, len, row->hash) == -1)
		return err_set(err, ERR_INTERNAL, "SHA-256 cannot be computed");
	v->count.rows++;
	return 0;
}

static bool
has_digest(const struct audit_verify *v, const struct audit_seal *seal)
{
	unsigned char *all = malloc(v->n_rows * DIGEST_SIZE + 1), digest[DIGEST_SIZE];
	char hex[2 * DIGEST_SIZE + 1];

	if (all == NULL)
		abort();
	for (size_t i = 0; i < v->n_rows; i++)
		memcpy(all + i * DIGEST_SIZE, v->rows[i].hash, DIGEST_SIZE);
	if (digest_sha256(all, v->n_rows * DIGEST_SIZE, digest) == -1)
		abort();
	free(all);
	for (size_t i = 0; i < DIGEST_SIZE; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	return (int64_t)v->n_rows == seal->rows && strcmp(hex, seal->digest) == 0;
}

/* The ids of "{[1,5),[7,9)}", one after the other. */
struct ids {
	const char *at;
	int64_t next, end;
};

/* The digits at *at as a number, and *at behind them; false: there are none. */
static bool
take_number(const char **at, int64_t *out)
{
	char *end;

	*at += strcspn(*at, "0123456789");
	if (**at == '\0')
		return false;
	*out = strtoll(*at, &end, 10);
	*at = end;
	return true;
}

static bool
next_id(struct ids *ids, int64_t *id)
{
	while (ids->next >= ids->end)
		if (!take_number(&ids->at, &ids->next) || !take_number(&ids->at, &ids->end))
			return false;
	*id = ids->next++;
	return true;
}

static bool
has_mark(const struct row *row, const char *mark)
{
	char hex[2 * MARK_BYTES + 1];

	for (size_t i = 0; i < MARK_BYTES; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", row->hash[i]);
	return strncmp(hex, mark, 2 * MARK_BYTES) == 0;
}

/* Which rows are not those that were sealed: the first of them, and how many. */
static void
say_which(struct audit_verify *v, const struct audit_seal_line *line)
{
	struct ids ids = { line->ids, 0, 0 };
	const char *mark = line->marks;
	int64_t id, said = 0;
	size_t at = 0;
	bool more = next_id(&ids, &id);

	while (said < SAID_MAX && (more || at < v->n_rows)) {
		if (!more || (at < v->n_rows && v->rows[at].id < id)) {
			audit_verify_say(v, "row %" PRId64 " was added (seal %" PRId64 ")",
					 v->rows[at++].id, line->seal.no);
			said++;
			continue;
		}
		if (at == v->n_rows || v->rows[at].id > id) {
			audit_verify_say(v, "row %" PRId64 " is missing (seal %" PRId64 ")", id,
					 line->seal.no);
			said++;
		} else if (!has_mark(&v->rows[at++], mark)) {
			audit_verify_say(v, "row %" PRId64 " was changed (seal %" PRId64 ")", id,
					 line->seal.no);
			said++;
		}
		mark += strnlen(mark, 2 * MARK_BYTES);
		more = next_id(&ids, &id);
	}
	if (said == 0 || said == SAID_MAX)
		audit_verify_say(v, "%s rows of seal %" PRId64 " are not what was sealed",
				 said == 0 ? "the" : "more", line->seal.no);
}

/* --- seals --- */

static void
check_place(struct audit_verify *v, const struct audit_seal *seal)
{
	bool is_floor =
	    v->floor_no != 0 && seal->no == v->floor_no && strcmp(seal->mac, v->floor_mac) == 0;

	if (v->last_no == 0) {
		if (!is_floor && (seal->no != 1 || seal->previous[0] != '\0'))
			audit_verify_say(v,
					 "what is before seal %" PRId64
					 " is missing, and nobody with the key purged it",
					 seal->no);
	} else if (seal->no != v->last_no + 1) {
		audit_verify_say(v, "seals %" PRId64 " to %" PRId64 " are missing", v->last_no + 1,
				 seal->no - 1);
	} else if (strcmp(seal->previous, v->last_mac) != 0) {
		audit_verify_say(v, "seal %" PRId64 " does not continue seal %" PRId64, seal->no,
				 v->last_no);
	}
}

static int
take_seal(struct audit_verify *v, const char *line, size_t len, struct memory *memory,
	  struct err *err)
{
	struct buf text = BUF_INIT(AUDIT_SEAL_TEXT_MAX);
	struct audit_seal_line sealed;
	const struct audit_seal *seal = &sealed.seal;

	if (doc_json_read(&audit_seal_doc, line, len, memory, &sealed, err) == -1)
		return -1;
	check_place(v, seal);
	audit_seal_text(&text, seal);
	(void)is_signed(v, &text, seal->key_id, seal->mac,
			memory_printf(memory, "seal %" PRId64, seal->no));
	buf_free(&text);
	/* Of the floor's own seal the rows have gone. */
	if (seal->no != v->floor_no && !has_digest(v, seal))
		say_which(v, &sealed);
	if (v->anchor.no == seal->no) {
		v->anchor_seen = true;
		if (strcmp(seal->mac, v->anchor.mac) != 0)
			audit_verify_say(v, "seal %" PRId64 " is not the one this node has signed",
					 seal->no);
	}
	v->n_rows = 0;
	v->last_no = seal->no;
	(void)str_copy(v->last_mac, sizeof(v->last_mac), seal->mac);
	v->count.seals++;
	return 0;
}

static int
take_line(struct audit_verify *v, const char *line, size_t len, struct err *err)
{
	struct pool pool;
	int rc = 0;

	if (str_starts(line, "{\"id\":"))
		return take_row(v, line, len, err);
	pool_init(&pool);
	if (str_starts(line, "{\"seal\" :") || str_starts(line, "{\"seal\":"))
		rc = take_seal(v, line, len, &pool.memory, err);
	else if (str_starts(line, "{\"floor\" :") || str_starts(line, "{\"floor\":"))
		rc = take_floor(v, line, len, &pool.memory, err);
	else if (str_starts(line, "{\"end\" :") || str_starts(line, "{\"end\":"))
		v->ended = true;
	else
		rc = err_set(err, ERR_INVALID,
			     "this is no chain of the audit trail: line \"%.60s\"", line);
	pool_free(&pool);
	return rc;
}

int
audit_verify_add(void *verify, const char *data, size_t len, struct err *err)
{
	struct audit_verify *v = verify;

	while (len > 0) {
		const char *end = memchr(data, '\n', len);
		size_t part = end == NULL ? len : (size_t)(end - data);

		buf_append(&v->line, data, part);
		if (buf_check(&v->line, err) == -1)
			return -1;
		if (end == NULL)
			return 0;
		if (take_line(v, buf_text(&v->line), v->line.len, err) == -1)
			return -1;
		buf_free(&v->line);
		data += part + 1;
		len -= part + 1;
	}
	return 0;
}

bool
audit_verify_end(struct audit_verify *v)
{
	if (!v->ended)
		audit_verify_say(v, "the trail was cut off: its last line is missing");
	/* Below the floor nothing can be compared any more. */
	if (v->anchor.no > v->last_no)
		audit_verify_say(
		    v, "seals %" PRId64 " to %" PRId64 ", which this node has signed, are missing",
		    v->last_no + 1, v->anchor.no);
	else if (v->anchor.no != 0 && !v->anchor_seen && v->anchor.no > v->floor_no)
		audit_verify_say(v, "seal %" PRId64 ", which this node has signed, is missing",
				 v->anchor.no);
	v->count.unsealed = (int64_t)v->n_rows;
	v->count.rows -= v->count.unsealed;
	return v->count.problems == 0;
}

struct audit_verify_count
audit_verify_count(const struct audit_verify *v)
{
	return v->count;
}
