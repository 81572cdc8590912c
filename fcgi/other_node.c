/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/other_node.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/str.h"
#include "conf/settings.h"
#include "fcgi/exchange.h"
#include "fcgi/no_file.h"
#include "fcgi/node_address.h"
#include "model/error_report.h"
#include "pki/authority.h"
#include "store/node_place_store.h"

#define NAME_BYTES_MAX 100 /* of a node's name, in words */

bool
other_node_is_here(const struct exchange *x, const char *node_name)
{
	const char *here = settings_text(x->settings, "node:name");

	return here != NULL && strcmp(here, node_name) == 0;
}

/* Numbers, brackets and colons, or "0.0.0.0": no name that nginx could compare with a certificate's. */
static bool
is_address(const char *dns)
{
	return strchr(dns, ':') != NULL || strspn(dns, "0123456789.") == strlen(dns);
}

/* The name the node's certificate must have. */
static int
name_of(struct exchange *x, const char *node_name, const struct node_place *place, const char **out,
	struct err *err)
{
	char own[AUTHORITY_NODE_NAME_SIZE];

	if (place->internal_pki) {
		if (authority_node_name(node_name, own, err) == -1)
			return -1;
		*out = exchange_strdup(x, own);
		return 0;
	}
	if (is_address(place->dns) || strcasecmp(place->dns, "localhost") == 0)
		return err_set(
		    err, ERR_BUSY,
		    "with certificates of another authority its dns must be a name of its own");
	*out = place->dns;
	return 0;
}

/* ERR_BUSY with words of ours, which the caller may read. */
static int
unreachable(struct exchange *x, const char *what, const char *node_name, struct err *err)
{
	if (err->kind == ERR_BUSY) {
		x->response.error_code = ERROR_CODE_INTERNAL;
		(void)err_prefix(err, "%s is on node \"%.*s\", which cannot be reached", what,
				 STR_CUT(node_name, NAME_BYTES_MAX));
	}
	return -1;
}

int
other_node_answer(struct exchange *x, const char *node_name, const char *path, const char *what,
		  const char *file_name, struct err *err)
{
	char address[NODE_ADDRESS_SIZE];
	struct node_place place;
	struct node_hop hop = { .address = address };

	/* Who was asked for it by a node does not ask a third one. */
	if (x->identity.kind == IDENTITY_NODE)
		return no_file(x, err, what,
			       exchange_printf(x, "is on node \"%.*s\" and not on this one",
					       STR_CUT(node_name, NAME_BYTES_MAX)));
	if (node_place_read(x->db, node_name, exchange_memory(x), &place, err) == -1)
		return -1;
	if (!place.known)
		return no_file(x, err, what,
			       exchange_printf(
				   x,
				   "is on node \"%.*s\", which is none of the cluster's (any more)",
				   STR_CUT(node_name, NAME_BYTES_MAX)));
	if (node_address_find(place.dns, place.port, address, err) == -1 ||
	    name_of(x, node_name, &place, &hop.name, err) == -1)
		return unreachable(x, what, node_name, err);
	hop.path = exchange_printf(x, "%s%sasked=%s", path,
				   str_ends(path, "?")         ? ""
				   : strchr(path, '?') == NULL ? "?"
							       : "&",
				   x->request.request_id);
	const char *seen =
	    place.seen[0] == '\0' ? "never seen" : exchange_printf(x, "last seen %s", place.seen);
	hop.words =
	    exchange_printf(x, "%s is on node \"%.*s\" (%.100s, port %d%s%s), which", what,
			    STR_CUT(node_name, NAME_BYTES_MAX), place.dns, place.port,
			    place.alive ? "" : "; its runner was ", place.alive ? "" : seen);
	exchange_answer_node(x, &hop, file_name);
	return 0;
}
