/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/up/web_watch.h: keeps nginx as the database wants it: looks each second for switches, certificates and lists
 * that changed, makes the configuration anew, and lets nginx read it without losing a request.
 */
#ifndef UP_WEB_WATCH_H
#define UP_WEB_WATCH_H

#include <stdbool.h>

struct err;
struct nginx_wish;
struct sup;
struct tools;
struct web_watch;

#define WEB_WATCH_MS 1000

/* All borrowed. */
struct web_watch *web_watch_new(struct sup *sup, const struct tools *tools, const char *node,
				int port);
/* Of a node whose nginx somebody else runs; conninfo is the owner's, what wish points to is borrowed. */
struct web_watch *web_watch_alone(const char *conninfo, const struct nginx_wish *wish);
void web_watch_free(struct web_watch *watch);

/* The first configuration, before nginx is started. */
int web_watch_begin(struct web_watch *watch, struct err *err);

/* One look (arg: the watch).  What goes wrong is logged, and tried again later. */
void web_watch_look(void *watch);

bool web_watch_tls(const struct web_watch *watch);

#endif
