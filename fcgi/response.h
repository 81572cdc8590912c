/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/response.h: x->response to FastCGI. */
#ifndef FCGI_RESPONSE_H
#define FCGI_RESPONSE_H

struct exchange;

/*
 * Send status, headers and (not for HEAD) body.  A caller that has gone away is no error.  An answer
 * without a Cache-Control of its own says "no-store": it is about one caller at one moment.
 */
void response_send(struct exchange *x);

#endif
