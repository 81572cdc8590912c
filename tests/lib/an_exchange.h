/* SPDX-License-Identifier: Apache-2.0 */
/* lib/an_exchange.h: a request without a web server, for the tests of fcgi's steps. */
#ifndef TESTS_LIB_AN_EXCHANGE_H
#define TESTS_LIB_AN_EXCHANGE_H

#include "fcgi/exchange.h"

/* "GET /" of nobody, with every text set; no database, no connection. */
struct exchange *an_exchange(void);
void an_exchange_free(struct exchange *x);

/* The value of the answer's first header of that name, or NULL. */
const char *an_exchange_header(const struct exchange *x, const char *name);

#endif
