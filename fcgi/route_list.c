/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/route_list.h"

#include <string.h>

#include "fcgi/route.h"

static const char *
permission_words(const struct route *route)
{
	if (route->permission == NULL)
		return "nobody";
	if (strcmp(route->permission, PERMISSION_PUBLIC) == 0)
		return "public";
	if (strcmp(route->permission, PERMISSION_ANY_ACCOUNT) == 0)
		return "any account";
	if (strcmp(route->permission, PERMISSION_NODE) == 0)
		return "node";
	return route->permission;
}

void
route_list_print(FILE *out)
{
	for (size_t i = 0; i < routes_len; i++)
		(void)fprintf(out, "%s\t%s\t%s\t%s\t%s\t%s\n", routes[i].method, routes[i].path,
			      permission_words(&routes[i]),
			      (routes[i].limits & ROUTE_FOR_JOBS) != 0 ? "jobs" : "-",
			      (routes[i].limits & ROUTE_SCOPED) != 0 ? "limits" : "-",
			      routes[i].summary);
}
