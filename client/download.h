/* SPDX-License-Identifier: Apache-2.0 */
/* client/download.h: bytes from a web server, as they come. */
#ifndef CLIENT_DOWNLOAD_H
#define CLIENT_DOWNLOAD_H

struct err;
struct fetch;
struct http_client;

/*
 * As backend_ops.fetch.  path: of a file whole; of a log up to and with its "?" or "&", what says which bytes is put
 * behind it.
 */
int download(struct http_client *http, const char *path, struct fetch *fetch, struct err *err);

#endif
