/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/route_list.h: the route table for people and tests (jqm-fcgi --routes). */
#ifndef FCGI_ROUTE_LIST_H
#define FCGI_ROUTE_LIST_H

#include <stdio.h>

/* A line for each route, parted by tabs: method, path, permission ("public", "any account", or as in the table),
 * "jobs" or "-", "limits" or "-", summary. */
void route_list_print(FILE *out);

#endif
