/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/other_node.h: what another node has.  It is fetched by nginx, node to node, over TLS with both nodes'
 * certificates; here is decided where from.  docs/nodes.md.
 *
 * The caller's right is checked by us, before; the other node believes that we did, because of our certificate, and
 * looks up what is asked for itself.
 */
#ifndef FCGI_OTHER_NODE_H
#define FCGI_OTHER_NODE_H

#include <stdbool.h>

struct err;
struct exchange;

/* Is this the node of that name? */
bool other_node_is_here(const struct exchange *x, const char *node_name);

/*
 * Let nginx get path ("/ws/node/...", with a query if with_query) from that node.  what is for words ("file 7"),
 * file_name offered to the caller.  -1: 404 with JQM's code 8 when there is no such node, or when a node asks this;
 * ERR_BUSY when nothing can be reached where the node's row says it is.
 */
int other_node_answer(struct exchange *x, const char *node_name, const char *path, const char *what,
		      const char *file_name, struct err *err);

#endif
