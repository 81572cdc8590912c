/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/api_switch.h"

#include <stdbool.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/num.h"
#include "conf/settings.h"
#include "db/db.h"
#include "fcgi/exchange.h"
#include "fcgi/route.h"

#define KEEP_MS 1000
#define APIS 4 /* the last, certificates, goes only with all of them */

/* Which API (0 to 2 as in enum route_api, NULL: all of them) a value turns off. */
DB_STMT(api_switches) = {
	.name = "api_switches",
	.text = "SELECT array_position('{disableWsApiSimple,disableWsApiClient,disableWsApiAdmin}',"
		"       key) - 1, value"
		"  FROM jqm.global_parameter"
		" WHERE key IN ('disableWsApi', 'disableWsApiSimple', 'disableWsApiClient',"
		"               'disableWsApiAdmin')"
		" UNION ALL"
		" SELECT f.api, f.off::text FROM jqm.node,"
		"        LATERAL (VALUES (0, NOT load_api_simple), (1, NOT load_api_client),"
		"                        (2, NOT load_api_admin)) AS f (api, off)"
		"  WHERE name = $1",
	.n_params = 1,
	.read_only = true,
};
enum { COL_API, COL_OFF };

/* What this worker read last. */
static struct {
	bool off[APIS];
	int64_t until_ms; /* monotonic; 0: never read */
} known;

static int
read_switches(struct exchange *x, struct err *err)
{
	const char *node = settings_text(x->settings, "node:name");
	struct db_result *rows = NULL;

	if (db_exec(x->db, &api_switches, (const char *const[]){ node }, &rows, err) == -1)
		return -1;
	memset(&known, 0, sizeof(known));
	for (int i = 0; i < db_rows(rows); i++) {
		int64_t api = db_int64(rows, i, COL_API);
		int off = 0;

		if (num_bool(db_text(rows, i, COL_OFF), &off) == -1 || !off)
			continue;
		for (int64_t a = 0; a < APIS; a++)
			if (db_is_null(rows, i, COL_API) || a == api)
				known.off[a] = true;
	}
	db_result_free(rows);
	known.until_ms = clock_mono_ms() + KEEP_MS;
	return 0;
}

int
api_switch_check(struct exchange *x, struct err *err)
{
	if (known.until_ms <= clock_mono_ms() && read_switches(x, err) == -1)
		return -1;
	if (known.off[x->route->api])
		return err_set(err, ERR_NOT_FOUND, "there is nothing at path \"%.200s\"",
			       x->request.path);
	return 0;
}
