/* SPDX-License-Identifier: Apache-2.0 */
/* cli/definition_server.c: definitions as the administration of a server has them. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/api_client.h"
#include "cli/definition_order.h"
#include "codec/docs.h"
#include "model/admin.h"

#define PATH "/ws/admin/jd"
#define PATH_BYTES 60

static void
path_of(int64_t id, char out[PATH_BYTES])
{
	(void)snprintf(out, PATH_BYTES, PATH "/%" PRId64, id);
}

int
definition_list(struct definition_order *o, struct wire_items *out, struct err *err)
{
	if (o->api == NULL)
		o->api = api_open(o->cli, err);
	return o->api == NULL ? -1
			      : api_get(o->api, PATH, &admin_definition_doc, true, &o->pool.memory,
					out, NULL, err);
}

int
definition_get(struct definition_order *o, int64_t id, struct admin_definition *out,
	       struct err *err)
{
	char path[PATH_BYTES];

	path_of(id, path);
	return api_get(o->api, path, &admin_definition_doc, false, &o->pool.memory, out, NULL, err);
}

int
definition_put(struct definition_order *o, struct admin_definition *def, struct err *err)
{
	char path[PATH_BYTES];

	path_of(def->id, path);
	return api_put_back(o->api, path, &admin_definition_doc, def, NULL, api_etag(o->api),
			    &o->pool.memory, err);
}
