/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/handlers/me.c: who is asking, and which server answers. */
#include "base/err.h"
#include "codec/docs.h"
#include "fcgi/exchange.h"
#include "fcgi/document.h"
#include "fcgi/handlers/handlers.h"
#include "model/memory.h"
#include "model/permissions_bag.h"
#include "model/version.h"

int
me_read(struct exchange *x, struct err *err)
{
	const char *const *held = x->identity.permissions;
	struct permissions_bag bag = { .login = x->identity.login, .enforced = true };
	size_t n = 0;

	while (held[n] != NULL)
		n++;
	bag.permissions.items = memory_alloc_array(exchange_memory(x), n, sizeof(held[0]));
	for (bag.permissions.len = 0; bag.permissions.len < n; bag.permissions.len++)
		bag.permissions.items[bag.permissions.len] = held[bag.permissions.len];
	return document_answer(x, &permissions_bag_doc, &bag, err);
}

int
version_read(struct exchange *x, struct err *err)
{
	struct version version = { .maven_version = JQM_VERSION };

	return document_answer(x, &version_doc, &version, err);
}
