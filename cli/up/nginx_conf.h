/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/up/nginx_conf.h: nginx's configuration of a node, made from what the database says of its node.
 *
 * A configuration replaces the one that works only after nginx itself has accepted it (nginx -t).
 */
#ifndef UP_NGINX_CONF_H
#define UP_NGINX_CONF_H

#include <stdbool.h>

struct buf;
struct db;
struct err;
struct nginx_place;

struct nginx_wish {
	const struct nginx_place *place;
	const char *nginx, *share_dir, *node;
	/* Of this start: the node's row goes before, but on the loopback it is open still; 0: there is none. */
	int port;
};

struct nginx_state {
	char *state; /* of the switches, files and lists it was made from; owned */
	char *conf; /* the configuration; owned */
	int port;
	bool tls;
	bool rewritten; /* a file it names may have another content than before */
};
#define NGINX_STATE_INIT                    \
	{                                   \
		NULL, NULL, 0, false, false \
	}
void nginx_state_free(struct nginx_state *state);

/* What the switches, files and lists are now, in one text of fresh memory; NULL with err. */
char *nginx_state_now(struct db *db, const struct nginx_wish *wish, struct err *err);

/*
 * Make nginx.conf and what it names.  keep: only try it, the configuration stays as it is.  -1: err says what is
 * wrong, in nginx's words if they are its; what there was is untouched.
 */
int nginx_conf_make(struct db *db, const struct nginx_wish *wish, bool keep,
		    struct nginx_state *out, struct err *err);

#endif
