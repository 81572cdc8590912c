/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/authz.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/str.h"
#include "fcgi/exchange.h"
#include "fcgi/route.h"
#include "model/value.h"

/* A piece of text, not terminated. */
struct piece {
	const char *start;
	size_t len;
};

/* Cut the next piece off *rest at separator; false when nothing is left.  Blanks around it go. */
static bool
next_piece(struct piece *rest, char separator, struct piece *out)
{
	const char *end;

	if (rest->start == NULL)
		return false;
	*out = *rest;
	end = memchr(rest->start, separator, rest->len);
	if (end == NULL) {
		rest->start = NULL;
	} else {
		out->len = (size_t)(end - rest->start);
		rest->start = end + 1;
		rest->len -= out->len + 1;
	}
	while (out->len > 0 && strchr(" \t", out->start[0]) != NULL) {
		out->start++;
		out->len--;
	}
	while (out->len > 0 && strchr(" \t", out->start[out->len - 1]) != NULL)
		out->len--;
	return true;
}

static bool
is_same(struct piece a, struct piece b)
{
	return a.len == b.len && a.len > 0 && strncasecmp(a.start, b.start, a.len) == 0;
}

/* Is word one of the comma-separated words of part, or "*" one of them? */
static bool
part_has(struct piece part, struct piece word)
{
	const struct piece any = { "*", 1 };
	struct piece granted;

	while (next_piece(&part, ',', &granted))
		if (is_same(granted, any) || is_same(granted, word))
			return true;
	return false;
}

static bool
part_includes(struct piece granted, struct piece wanted)
{
	struct piece word;

	while (next_piece(&wanted, ',', &word))
		if (!part_has(granted, word))
			return false;
	return true;
}

static bool
includes(struct piece granted, struct piece wanted)
{
	const struct piece any = { "*", 1 };
	struct piece granted_part, wanted_part;

	while (next_piece(&wanted, ':', &wanted_part)) {
		if (!next_piece(&granted, ':', &granted_part))
			return true; /* fewer parts: all of the rest */
		if (!part_includes(granted_part, wanted_part))
			return false;
	}
	while (next_piece(&granted, ':', &granted_part))
		if (!part_has(granted_part, any))
			return false;
	return true;
}

/* "object:verb@limit" has the piece before the first '@'; *limit: the text behind it, NULL without one. */
static struct piece
without_limit(const char *granted, const char **limit)
{
	const char *at = strchr(granted, '@');

	*limit = at == NULL ? NULL : at + 1;
	return (struct piece){ granted, at == NULL ? strlen(granted) : (size_t)(at - granted) };
}

bool
authz_includes(const char *granted, const char *wanted)
{
	const char *limit;
	struct piece piece = without_limit(granted, &limit);

	return limit == NULL && includes(piece, (struct piece){ wanted, strlen(wanted) });
}

static bool
holds_without_limit(const char *granted, struct piece wanted)
{
	const char *limit;
	struct piece piece = without_limit(granted, &limit);

	return limit == NULL && includes(piece, wanted);
}

static bool
holds(const char *const *held, const char *permission)
{
	struct piece rest = { permission, strlen(permission) };
	struct piece wanted;

	while (next_piece(&rest, '|', &wanted))
		for (const char *const *p = held; *p != NULL; p++)
			if (holds_without_limit(*p, wanted))
				return true;
	return false;
}

bool
authz_holds(const struct identity *identity, const char *permission)
{
	return holds(identity->permissions, permission);
}

/* What jqm.in_scope() makes of the limit; NULL: nothing, it is none that we know. */
static const char *
scope_entry(struct exchange *x, int64_t account_id, const char *limit)
{
	if (strcmp(limit, "own") == 0)
		return exchange_printf(x, "own=%" PRId64, account_id);
	if (str_starts(limit, "queue=") || str_starts(limit, "definition="))
		return limit;
	return NULL;
}

/* The limits of all permissions an account holds that include one of "a|b" with one; NULL: none does. */
static const struct text_list *
scope_of(struct exchange *x, int64_t account_id, const char *const *permissions,
	 const char *permission)
{
	struct piece rest = { permission, strlen(permission) };
	struct text_list *list = exchange_alloc(x, sizeof(*list));
	size_t held = 0, wanted_max = 1;
	struct piece wanted;

	while (permissions[held] != NULL)
		held++;
	for (const char *c = permission; *c != '\0'; c++)
		wanted_max += *c == '|';
	list->items = exchange_alloc(x, held * wanted_max * sizeof(list->items[0]) + 1);
	while (next_piece(&rest, '|', &wanted))
		for (size_t i = 0; i < held; i++) {
			const char *limit, *entry;
			struct piece granted = without_limit(permissions[i], &limit);

			if (limit == NULL || !includes(granted, wanted))
				continue;
			entry = scope_entry(x, account_id, limit);
			if (entry != NULL)
				list->items[list->len++] = entry;
		}
	return list->len > 0 ? list : NULL;
}

int
authz_permit_account(struct exchange *x, const char *permission, bool scoped, struct err *err)
{
	x->scope = NULL;
	if (strcmp(permission, PERMISSION_ANY_ACCOUNT) == 0 ||
	    authz_holds(&x->identity, permission))
		return 0;
	if (scoped)
		x->scope = scope_of(x, x->identity.account_id, x->identity.permissions, permission);
	if (x->scope != NULL)
		return 0;
	return err_set(err, ERR_DENIED, "account \"%.100s\" does not have the permission \"%s\"",
		       x->identity.login, permission);
}

/*
 * A job may see its subtree and speak of itself, whoever is behind it: that is its work.  What it enqueues is what its
 * account could, and of its subtree it sees no more than that one's limits, if it has any there, cover.
 */
static int
permit_job(struct exchange *x, struct err *err)
{
	const struct identity *me = &x->identity;
	const char *permission = x->route->permission;

	if ((x->route->limits & ROUTE_FOR_JOBS) == 0)
		return err_set(err, ERR_DENIED, "a job's own token does not permit this");
	if (me->job_permissions == NULL || strcmp(permission, PERMISSION_ANY_ACCOUNT) == 0 ||
	    holds(me->job_permissions, permission))
		return 0;
	x->scope = scope_of(x, me->job_account_id, me->job_permissions, permission);
	if (x->scope != NULL || strcmp(permission, "job_instance:create") != 0)
		return 0;
	return err_set(err, ERR_DENIED,
		       "account \"%.100s\", for which this job works, does not have the permission "
		       "\"%s\"",
		       me->job_submitter, permission);
}

bool
authz_is_public(const struct exchange *x)
{
	if (x->route == NULL || x->route->permission == NULL)
		return false;
	return strcmp(x->route->permission, PERMISSION_PUBLIC) == 0 ||
	       (x->health_is_public && (x->route->limits & ROUTE_MAY_BE_PUBLIC) != 0);
}

int
authz_permit(struct exchange *x, struct err *err)
{
	const char *permission = x->route->permission;

	if (permission == NULL)
		return err_set(err, ERR_DENIED, "nobody is permitted to do this");
	if (authz_is_public(x))
		return 0;
	if (strcmp(permission, PERMISSION_NODE) == 0 && x->identity.kind != IDENTITY_NODE)
		return err_set(err, ERR_DENIED, "this is for other nodes of the cluster only");
	x->scope = NULL;
	switch (x->identity.kind) {
	case IDENTITY_JOB:
		return permit_job(x, err);
	case IDENTITY_ACCOUNT:
		return authz_permit_account(x, permission, (x->route->limits & ROUTE_SCOPED) != 0,
					    err);
	case IDENTITY_NODE:
		if (strcmp(permission, PERMISSION_NODE) == 0)
			return 0;
		return err_set(err, ERR_DENIED, "a node's certificate does not permit this");
	case IDENTITY_NOBODY:
		break;
	}
	x->response.refusal = REFUSAL_CREDENTIALS;
	return err_set(err, ERR_DENIED, "log in first");
}
