/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/err.h: the one error value that travels up to whoever owns the loop.
 *
 * A function that can fail takes a struct err * as its last argument and
 * returns -1 (or NULL) after filling it; the kind says what the caller can do,
 * the text says to a human what went wrong: lower case, no full stop, the
 * object named and quoted, never a secret, never a C function's name.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum err_kind {
	ERR_NONE = 0,
	ERR_INVALID, /* the request is wrong: never retry it unchanged */
	ERR_DENIED, /* known caller, but not allowed */
	ERR_NOT_FOUND, /* the named object does not exist */
	ERR_CONFLICT, /* the row moved on: read again, then decide */
	ERR_STALE, /* the caller's copy is not the newest any more: read again, then decide */
	ERR_TOO_LARGE, /* over a cap of ours */
	ERR_BUSY, /* could not now, may later: retry with back-off */
	ERR_UNCERTAIN, /* a write may or may not have happened: read back */
	ERR_INTERNAL /* a bug or a broken installation: log and alert */
};

#define ERR_TEXT_SIZE 1400
#define ERR_KEY_SIZE 1100 /* "nameAlreadyUsed name=" and 255 characters */

/* Lives on the caller's stack; never allocates, so it can report ENOMEM. */
struct err {
	enum err_kind kind;
	char text[ERR_TEXT_SIZE];
	char key[ERR_KEY_SIZE]; /* of the text in JQM's consoles, then " name=value"; "" for none */
};
#define ERR_INIT                 \
	{                        \
		ERR_NONE, "", "" \
	}

/* Fill err, without a key; always returns -1, so that a failing line is one line.  Too long a text is
 * cut. */
int err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* As err_set(), followed by ": " and the words for errno as it was on entry. */
int err_errno(struct err *err, enum err_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Put "words: " before the text of an err that is already set; keeps its kind.  Returns -1. */
int err_prefix(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Give a failure its key ("itemNotFound id=4"). */
void err_set_key(struct err *err, const char *key);

/* Make err "no error" again. */
void err_clear(struct err *err);

/* A stable lower-case word for the kind ("not_found"), for logs and tests. */
const char *err_kind_name(enum err_kind kind);

#endif
