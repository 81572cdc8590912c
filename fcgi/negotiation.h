/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/negotiation.h: media types, in and out. */
#ifndef FCGI_NEGOTIATION_H
#define FCGI_NEGOTIATION_H

#include <stddef.h>

struct err;
struct exchange;

/*
 * Step: what the route produces against Accept (sets x->media_type; 406), what it takes against
 * Content-Type (415).  A form's fields are checked here (ERR_INVALID).
 */
int negotiation_check(struct exchange *x, struct err *err);

#define NEGOTIATION_NONE ((size_t)-1)

/*
 * Index of the offer (first = preferred) that an Accept header likes best, or NEGOTIATION_NONE.
 * offers: "application/xml,application/json".  Of two liked equally, one that Accept names wins over
 * one that a wildcard includes, then the one named first, then the one offered first.  An Accept
 * that is empty or has no readable element likes anything.
 */
size_t negotiation_choose(const char *accept, const char *offers);

#endif
