/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/up/cluster.h: the PostgreSQL cluster of a home: HOME/db, reached through a private socket only,
 * by the account that owns the home, as any of our roles (peer authentication).
 */
#ifndef UP_CLUSTER_H
#define UP_CLUSTER_H

struct err;
struct home;
struct sup;
struct tools;

/*
 * Make HOME/db if it is not there (in db.new, renamed when complete); check it if it is.  An existing
 * database is never removed: ERR_INVALID when it is damaged.
 */
int cluster_make(struct sup *sup, const struct tools *tools, struct err *err);

/* Write what depends on who runs it; forget stale locks of a server that is gone. */
int cluster_prepare(const struct home *home, struct err *err);

/* Give the supervisor the server's command line. */
void cluster_set_argv(struct sup *sup, const struct tools *tools);

/* libpq connection string as superuser, in fresh memory. */
char *cluster_conninfo(const struct home *home, const char *database);

/* 1: the server of home accepts connections; 0: not yet (a probe for sup_wait(); arg: the home). */
int cluster_accepts(void *home, struct err *err);

#endif
