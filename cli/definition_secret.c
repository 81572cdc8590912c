/* SPDX-License-Identifier: Apache-2.0 */
/* cli/definition_secret.c: jqm definition secret: a secret parameter of a definition, its value out of a file. */
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "cli/definition_order.h"
#include "conf/password_file.h"
#include "model/admin.h"

static int
find_definition(struct definition_order *o, const char *name, int64_t *id_out, struct err *err)
{
	const struct admin_definition *defs;
	struct wire_items list;

	if (definition_list(o, &list, err) == -1)
		return -1;
	defs = list.items;
	for (size_t i = 0; i < list.len; i++)
		if (strcmp(defs[i].name, name) == 0) {
			*id_out = defs[i].id;
			return 0;
		}
	return err_set(err, ERR_NOT_FOUND, "there is no definition \"%.*s\"", STR_CUT(name, 100));
}

/* NAME KEY FILE: the parameters it has, and this one. */
int
definition_secret(struct definition_order *o, struct err *err)
{
	struct text_pair pair = { o->names[1], SECRET_MASK, true };
	struct admin_definition admin;
	struct text_map map = { NULL, 0 };
	char *value = NULL;
	int64_t id = 0;
	int rc = -1;

	if (strcmp(o->names[2], "none") != 0) {
		if ((value = password_file_read(o->names[2], err)) == NULL)
			return -1;
		pair.value = value;
	}
	if (find_definition(o, o->names[0], &id, err) == 0)
		rc = definition_get(o, id, &admin, err);
	if (rc == 0) {
		text_map_room(&map, &o->pool.memory, admin.parameters.len + 1);
		for (size_t i = 0; i < admin.parameters.len; i++)
			text_map_put_pair(&map, &admin.parameters.items[i]);
		text_map_put_pair(&map, &pair);
		admin.parameters = map;
		rc = definition_put(o, &admin, err);
	}
	str_forget(value);
	return rc;
}
