/* SPDX-License-Identifier: Apache-2.0 */
/* client/node_client.h: files and logs of nodes, for who speaks with the database. */
#ifndef CLIENT_NODE_CLIENT_H
#define CLIENT_NODE_CLIENT_H

struct db;
struct err;
struct fetch;
struct jqm_options;
struct node_client;

/* Of options all is copied that is needed: authorities, program, patience.  Never fails. */
struct node_client *node_client_new(const struct jqm_options *options);
void node_client_free(struct node_client *nodes);

/*
 * As backend_ops.fetch.  The first time, when there is less than an hour left to it, and when a node does not know it (any
 * more), a temporary account of 24 hours is made (jqm.client_account()); its password is nowhere but here.
 */
int node_client_fetch(struct node_client *nodes, struct db *db, struct fetch *fetch,
		      struct err *err);

#endif
