/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/api_switch.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "conf/settings.h"
#include "db/db.h"
#include "fcgi/exchange.h"
#include "fcgi/route.h"

#define KEEP_MS 500
#define HOST_NAME_SIZE 256
#define ALL_APIS ((1u << ROUTE_APIS) - 1)
#define TOLD_APIS (1u << API_SIMPLE | 1u << API_CLIENT | 1u << API_ADMIN)

/* Of a node that is not there all is on. */
DB_STMT(api_switches) = {
	.name = "api_switches",
	.text = "SELECT jqm.parameter_is_on('disableWsApi', false),"
		"  jqm.parameter_is_on('disableWsApiSimple', false) OR NOT "
		"coalesce(load_api_simple, true),"
		"  jqm.parameter_is_on('disableWsApiClient', false) OR NOT "
		"coalesce(load_api_client, true),"
		"  jqm.parameter_is_on('disableWsApiAdmin', false) OR NOT coalesce(load_api_admin, "
		"true),"
		"  jqm.parameter_is_on('enableWsApiAuth', true),"
		"  jqm.parameter_is_on('openBeyondLoopback', false),"
		"  jqm.parameter_is_on('enableAnonymousHealth', false), coalesce(dns, '')"
		"  FROM (SELECT) AS one LEFT JOIN jqm.node ON name = $1",
	.n_params = 1,
	.read_only = true,
};
enum {
	COL_ALL,
	COL_SIMPLE,
	COL_CLIENT,
	COL_ADMIN,
	COL_AUTHENTICATION,
	COL_BEYOND,
	COL_HEALTH,
	COL_DNS
};

/* What this worker read last. */
static struct {
	unsigned apis_off;
	enum open_to open_to;
	bool health_is_public;
	char names[2][HOST_NAME_SIZE]; /* the node's dns; this machine's */
	int64_t until_ms; /* monotonic; 0: never read */
} known;

static int
read_switches(struct exchange *x, struct err *err)
{
	const char *node = settings_text(x->settings, "node:name");
	int64_t asked_ms =
	    clock_mono_ms(); /* the answer may be on its way for long, and is as old as the question */
	struct db_result *rows = NULL;

	if (db_exec(x->db, &api_switches, (const char *const[]){ node }, &rows, err) == -1)
		return -1;
	known.apis_off = (unsigned)db_bool(rows, 0, COL_SIMPLE) << API_SIMPLE |
			 (unsigned)db_bool(rows, 0, COL_CLIENT) << API_CLIENT |
			 (unsigned)db_bool(rows, 0, COL_ADMIN) << API_ADMIN;
	if (known.apis_off == TOLD_APIS)
		known.apis_off |= 1u << API_ACCOUNT;
	if (db_bool(rows, 0, COL_ALL))
		known.apis_off = ALL_APIS;
	known.open_to = db_bool(rows, 0, COL_AUTHENTICATION) ? OPEN_TO_NOBODY
			: db_bool(rows, 0, COL_BEYOND)       ? OPEN_TO_ALL
							     : OPEN_TO_LOOPBACK;
	known.health_is_public = db_bool(rows, 0, COL_HEALTH);
	(void)snprintf(known.names[0], HOST_NAME_SIZE, "%s", db_text(rows, 0, COL_DNS));
	if (gethostname(known.names[1], HOST_NAME_SIZE - 1) == -1)
		known.names[1][0] = '\0';
	db_result_free(rows);
	known.until_ms = asked_ms + KEEP_MS;
	return 0;
}

int
api_switch_read(struct exchange *x, struct err *err)
{
	if (known.until_ms <= clock_mono_ms() && read_switches(x, err) == -1)
		return -1;
	x->apis_off = known.apis_off;
	x->open_to = known.open_to;
	x->health_is_public = known.health_is_public;
	for (size_t i = 0; i < 2; i++)
		x->own_names[i] = known.names[i];
	return 0;
}
