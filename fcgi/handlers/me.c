/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/handlers/me.c: who is asking, and which server answers. */
#include "base/err.h"
#include "codec/docs.h"
#include "fcgi/exchange.h"
#include "fcgi/document.h"
#include "fcgi/handlers/handlers.h"
#include "fcgi/session.h"
#include "model/memory.h"
#include "model/permissions_bag.h"
#include "model/version.h"

int
me_read(struct exchange *x, struct err *err)
{
	const char *const *held = x->identity.permissions;
	bool known = x->identity.account_id != 0;
	struct permissions_bag bag = { .login = known ? x->identity.login : NULL,
				       .enforced = known };
	size_t n = 0;

	/*
	 * JQM's console and its Java client log in by this call, then send the cookie only.  Accounts that have no sessions go without, and
	 * so does who came by a certificate: a session would outlive its revocation.
	 */
	if ((x->request.ajax || x->request.java_client) && x->identity.by_password &&
	    session_open(x, x->identity.account_id, x->identity.account_version, err) == -1)
		return -1;
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
