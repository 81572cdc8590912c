/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lib/pg_proxy.h: the wire between a program and PostgreSQL, which a test can cut: a process of its own
 * that listens on a socket and passes on what comes, to the cluster of test_db.h.
 *
 * It knows where a server's answer ends (ReadyForQuery: what the client asked for is committed), so it
 * can lose exactly one answer: the client must find out for itself what became of its statement.
 */
#ifndef TESTS_LIB_PG_PROXY_H
#define TESTS_LIB_PG_PROXY_H

#include <stdbool.h>

struct pg_proxy;

/* It listens in that directory and passes everything on; fails the test when it cannot. */
struct pg_proxy *pg_proxy_new(const char *dir);
void pg_proxy_free(struct pg_proxy *proxy); /* and all its connections */

/* A connection string through it; valid until pg_proxy_free(). */
const char *pg_proxy_conninfo(const struct pg_proxy *proxy);

void pg_proxy_pass(struct pg_proxy *proxy);
void pg_proxy_hold(struct pg_proxy *proxy); /* nothing gets through any more, and nobody is told */
void
pg_proxy_swallow(struct pg_proxy *proxy); /* the connections there are go dumb; new ones pass */
void pg_proxy_refuse(struct pg_proxy *proxy); /* all connections are cut, and so are new ones */

/* The next answer with this text in it is lost, with its connection. */
void pg_proxy_lose(struct pg_proxy *proxy, const char *text);
/* The same before its statement has reached the server. */
void pg_proxy_lose_statement(struct pg_proxy *proxy, const char *text);
/* The answer to the next statement with this text in it (its name, or a parameter) is lost. */
void pg_proxy_lose_reply(struct pg_proxy *proxy, const char *text);
/*
 * The next statement with this text in it does not reach the server yet; its client loses the connection.  Send it there
 * now: what came of its answer nobody is told.  False: the server has ended that session meanwhile.
 */
void pg_proxy_delay_statement(struct pg_proxy *proxy, const char *text);
bool pg_proxy_deliver(struct pg_proxy *proxy);
void pg_proxy_lose_nothing(struct pg_proxy *proxy); /* after all */
/* Has that happened?  Wait until it has. */
bool pg_proxy_has_lost(const struct pg_proxy *proxy);
void pg_proxy_wait_lost(struct pg_proxy *proxy);

#endif
