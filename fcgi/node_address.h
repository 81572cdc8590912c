/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/node_address.h: from the dns and port of a node's row to what a connection is made to. */
#ifndef FCGI_NODE_ADDRESS_H
#define FCGI_NODE_ADDRESS_H

struct err;

#define NODE_ADDRESS_SIZE 64 /* "[", an IPv6 address, "]:", a port */

/*
 * The first address of dns, which is a host's name or an address, with port: "192.0.2.7:1789".  What a worker
 * learned it remembers for half a minute, and a failure for 10 s, so that name servers that do not answer hold it up
 * seldom (fcgi/main.c says for how long).  -1, ERR_BUSY: nobody knows the name, or it means no host.
 */
int node_address_find(const char *dns, int port, char out[NODE_ADDRESS_SIZE], struct err *err);

#endif
