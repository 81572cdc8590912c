/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/api_switch.h: administrators may turn parts of the API off. */
#ifndef FCGI_API_SWITCH_H
#define FCGI_API_SWITCH_H

struct err;
struct exchange;

/*
 * Step: ERR_NOT_FOUND, as for an unknown path, when the route's API is turned off: by the global
 * parameters disableWsApi, disableWsApiSimple, -Client, -Admin, or by the flags of the node this
 * program serves (setting node:name).  What was read counts for a second.
 */
int api_switch_check(struct exchange *x, struct err *err);

#endif
