/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/api_switch.h: administrators may turn parts of the API off, and authentication, or the login of the health check. */
#ifndef FCGI_API_SWITCH_H
#define FCGI_API_SWITCH_H

struct err;
struct exchange;

/*
 * Step: x->apis_off, x->open_to, x->health_is_public and x->own_names, before the path is looked at: a route of an API that is off
 * is as unknown as one that never was.  Off is what the global parameters disableWsApi, disableWsApiSimple, -Client, -Admin say,
 * or the flags of the node this program serves (setting node:name).  What was read counts for half a second.
 */
int api_switch_read(struct exchange *x, struct err *err);

#endif
