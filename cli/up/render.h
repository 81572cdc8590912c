/* SPDX-License-Identifier: Apache-2.0 */
/* cli/up/render.h: fill the @NAME@ places of a text; follow moved paths and ports in a text. */
#ifndef UP_RENDER_H
#define UP_RENDER_H

#include <stddef.h>

struct buf;
struct err;

struct render_pair {
	const char *name; /* "HOME" for @HOME@ */
	const char *value;
};

/*
 * Append text to out with every @NAME@ (capitals, digits, _) replaced.  -1 with ERR_INVALID for a name
 * nobody gave a value, naming it and its line.  An @ that starts no such name stays.
 */
int render_template(const char *text, const struct render_pair *pairs, size_t pairs_len,
		    struct buf *out, struct err *err);

/*
 * Append text to out, on every line that is no comment (# or ;) with `from` replaced by `to` wherever
 * it stands as a whole: "/srv/a" is found in "/srv/a/log", not in "/srv/ab" nor "/mnt/srv/a".
 */
void render_move(const char *text, const char *from, const char *to, struct buf *out);

#endif
