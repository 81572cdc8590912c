/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/authz.h"

#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "fcgi/exchange.h"
#include "fcgi/route.h"

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

bool
authz_includes(const char *granted, const char *wanted)
{
	return includes((struct piece){ granted, strlen(granted) },
			(struct piece){ wanted, strlen(wanted) });
}

bool
authz_holds(const struct identity *identity, const char *permission)
{
	struct piece rest = { permission, strlen(permission) };
	struct piece wanted;

	while (next_piece(&rest, '|', &wanted))
		for (const char *const *p = identity->permissions; *p != NULL; p++)
			if (includes((struct piece){ *p, strlen(*p) }, wanted))
				return true;
	return false;
}

int
authz_permit(struct exchange *x, struct err *err)
{
	const char *permission = x->route->permission;
	const struct identity *identity = &x->identity;

	if (permission == NULL)
		return err_set(err, ERR_DENIED, "nobody is permitted to do this");
	if (strcmp(permission, PERMISSION_PUBLIC) == 0)
		return 0;
	switch (identity->kind) {
	case IDENTITY_JOB:
		if (x->route->for_jobs)
			return 0;
		return err_set(err, ERR_DENIED, "a job's own token does not permit this");
	case IDENTITY_ACCOUNT:
		if (strcmp(permission, PERMISSION_ANY_ACCOUNT) == 0 ||
		    authz_holds(identity, permission))
			return 0;
		return err_set(err, ERR_DENIED,
			       "account \"%.100s\" does not have the permission \"%s\"",
			       identity->login, permission);
	case IDENTITY_NOBODY:
		break;
	}
	x->response.refusal = REFUSAL_CREDENTIALS;
	return err_set(err, ERR_DENIED, "log in first");
}
