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

/* What stood at `from` is now at `to`. */
struct render_move {
	const char *from, *to;
};

/*
 * Append text to out, on every line that is no comment (# or ;) with each `from` replaced by its `to`
 * wherever it stands as a whole: "/srv/a" is found in "/srv/a/log", not in "/srv/ab" nor "/mnt/srv/a".
 * Where two could stand the first of moves does; what was put in is not looked at again.
 */
void render_moves(const char *text, const struct render_move *moves, size_t moves_len,
		  struct buf *out);

#endif
