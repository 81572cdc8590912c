/* SPDX-License-Identifier: Apache-2.0 */
/* runner/api_address.h: what runner:api_url says of where the node is reached. */
#ifndef RUNNER_API_ADDRESS_H
#define RUNNER_API_ADDRESS_H

struct err;

#define API_HOST_SIZE 256

/*
 * Host and port of http(s)://HOST[:PORT][/...], an IPv6 address in brackets; port 0: not given.  "": none, "localhost".
 * 0; -1 ERR_INVALID: the database would not take such a host, or it is no such address.
 */
int api_address_read(const char *url, char host[API_HOST_SIZE], int *port_out, struct err *err);

#endif
