/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/api_switch.h"

#include <stdbool.h>
#include <string.h>

#include "base/clock.h"
#include "conf/settings.h"
#include "db/db.h"
#include "fcgi/exchange.h"
#include "fcgi/route.h"

#define KEEP_MS 500
#define ALL_APIS ((1u << ROUTE_APIS) - 1)
#define TOLD_APIS (1u << API_SIMPLE | 1u << API_CLIENT | 1u << API_ADMIN)

/* Text values are true as in JQM: the word in any case; all else is false. */
DB_STMT(api_switches) = {
	.name = "api_switches",
	.text =
	    "WITH p AS (SELECT key, lower(trim(value)) = 'true' AS yes FROM jqm.global_parameter"
	    "  WHERE key IN ('disableWsApi', 'disableWsApiSimple', 'disableWsApiClient',"
	    "                'disableWsApiAdmin', 'enableWsApiAuth', 'openBeyondLoopback'))"
	    " SELECT coalesce(bool_or(yes) FILTER (WHERE key = 'disableWsApi'), false),"
	    "        coalesce(bool_or(yes) FILTER (WHERE key = 'disableWsApiSimple'), false) OR"
	    "            NOT coalesce((SELECT load_api_simple FROM jqm.node WHERE name = $1), "
	    "true),"
	    "        coalesce(bool_or(yes) FILTER (WHERE key = 'disableWsApiClient'), false) OR"
	    "            NOT coalesce((SELECT load_api_client FROM jqm.node WHERE name = $1), "
	    "true),"
	    "        coalesce(bool_or(yes) FILTER (WHERE key = 'disableWsApiAdmin'), false) OR"
	    "            NOT coalesce((SELECT load_api_admin FROM jqm.node WHERE name = $1), true),"
	    "        coalesce(bool_or(yes) FILTER (WHERE key = 'enableWsApiAuth'), true),"
	    "        coalesce(bool_or(yes) FILTER (WHERE key = 'openBeyondLoopback'), false)"
	    "   FROM p",
	.n_params = 1,
	.read_only = true,
};
enum { COL_ALL, COL_SIMPLE, COL_CLIENT, COL_ADMIN, COL_AUTHENTICATION, COL_BEYOND };

/* What this worker read last. */
static struct {
	unsigned apis_off;
	enum open_to open_to;
	int64_t until_ms; /* monotonic; 0: never read */
} known;

static int
read_switches(struct exchange *x, struct err *err)
{
	const char *node = settings_text(x->settings, "node:name");
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
	db_result_free(rows);
	known.until_ms = clock_mono_ms() + KEEP_MS;
	return 0;
}

int
api_switch_read(struct exchange *x, struct err *err)
{
	if (known.until_ms <= clock_mono_ms() && read_switches(x, err) == -1)
		return -1;
	x->apis_off = known.apis_off;
	x->open_to = known.open_to;
	return 0;
}
