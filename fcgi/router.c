/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/router.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "fcgi/exchange.h"
#include "fcgi/route.h"

#define SEGMENTS_MAX 32

/* A path cut at its slashes; empty segments are left out. */
struct path {
	const char *raw[SEGMENTS_MAX]; /* where the segment starts as it was sent */
	const char *text[SEGMENTS_MAX]; /* decoded */
	size_t len;
};

/* Letters, digits and signs that stand for themselves. */
static bool
is_plain(const char *raw, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (raw[i] == '%' || raw[i] <= ' ' || raw[i] >= 0x7f)
			return false;
	return true;
}

/* Decoded into x's memory, or NULL with err. */
static const char *
decode(struct exchange *x, const char *raw, size_t len, struct err *err)
{
	char *decoded, *copy = NULL;

	if (is_plain(raw, len))
		return memcpy(exchange_alloc(x, len + 1), raw, len); /* zeroes stand behind it */
	decoded = str_percent_decode(raw, len, false);
	if (decoded == NULL)
		(void)err_set(err, ERR_INVALID, "the path has a broken percent escape");
	else if (!str_utf8_valid(decoded, strlen(decoded)))
		(void)err_set(err, ERR_INVALID, "the path has bytes that are not UTF-8");
	else
		copy = exchange_strdup(x, decoded);
	free(decoded);
	return copy;
}

static int
path_split(struct exchange *x, struct path *path, struct err *err)
{
	const char *at = x->request.path;

	for (path->len = 0;; path->len++) {
		const char *text;
		size_t len;

		at += strspn(at, "/");
		len = strcspn(at, "/");
		if (len == 0)
			return 0;
		if (path->len == SEGMENTS_MAX)
			return err_set(err, ERR_INVALID, "the path has more than %d segments",
				       SEGMENTS_MAX);
		if ((text = decode(x, at, len, err)) == NULL)
			return -1;
		if (strcmp(text, ".") == 0 || strcmp(text, "..") == 0)
			return err_set(err, ERR_INVALID, "the path has a segment \"%s\"", text);
		path->raw[path->len] = at;
		path->text[path->len] = text;
		at += len;
	}
}

static bool
is_value(const char *segment, size_t len)
{
	return len > 2 && segment[0] == '{' && segment[len - 1] == '}';
}

/* Up to the next slash or the end. */
static size_t
segment_len(const char *pattern)
{
	size_t len = 0;

	while (pattern[len] != '/' && pattern[len] != '\0')
		len++;
	return len;
}

static bool
is_segment(const char *text, const char *pattern, size_t len)
{
	return strncmp(text, pattern, len) == 0 && text[len] == '\0';
}

/* Does path look like pattern?  Then values holds what stands at its {..}; NULL behind the last. */
static bool
path_fits(struct exchange *x, const char *pattern, const struct path *path,
	  const char *values[EXCHANGE_PATH_VALUES_MAX])
{
	struct err err = ERR_INIT;
	size_t i = 0, n_values = 0;

	memset(values, 0, EXCHANGE_PATH_VALUES_MAX * sizeof(values[0]));
	for (;; i++) {
		size_t len;

		while (*pattern == '/')
			pattern++;
		if (*pattern == '\0' || i == path->len)
			return *pattern == '\0' && i == path->len;
		/* Nearly all patterns end here. */
		if (*pattern != '{' && *pattern != *path->text[i])
			return false;
		len = segment_len(pattern);
		if (!is_value(pattern, len)) {
			if (!is_segment(path->text[i], pattern, len))
				return false;
		} else if (n_values == EXCHANGE_PATH_VALUES_MAX) {
			return false;
		} else if (pattern[len - 2] == '*') {
			values[n_values] = decode(x, path->raw[i], strlen(path->raw[i]), &err);
			return values[n_values] != NULL;
		} else {
			values[n_values++] = path->text[i];
		}
		pattern += len;
	}
}

/*
 * The routes of a table in groups, by how their third segment begins, in which nearly all patterns differ from a path: to
 * compare it with some two hundred of them would be a tenth of what a worker does.
 */
#define GROUPS 128

/* What can be seen of a pattern without a path. */
struct candidate {
	const struct route *route;
	size_t segments;
	char third; /* how the third segment begins: '{' fits any, NUL is none */
	bool is_open; /* the last one is {..*}, which no other may be: a path may have more */
};

struct group {
	const struct candidate *candidates; /* in the order of the table */
	size_t len;
};

static struct candidate
candidate_of(const struct route *route)
{
	struct candidate made = { .route = route };
	const char *pattern = route->path;

	for (;; made.segments++) {
		size_t len;

		while (*pattern == '/')
			pattern++;
		len = segment_len(pattern);
		if (len == 0)
			return made;
		made.is_open = is_value(pattern, len) && pattern[len - 2] == '*';
		if (made.segments == 2 || (made.segments < 2 && made.is_open))
			made.third = *pattern;
		pattern += len;
	}
}

static size_t
group_number(char third)
{
	return (unsigned char)third % GROUPS;
}

static bool
belongs(const struct candidate *candidate, size_t group)
{
	return candidate->third == '{' || group_number(candidate->third) == group;
}

static struct candidate *
candidates_new(size_t len)
{
	struct candidate *candidates = calloc(len + 1, sizeof(*candidates));

	if (candidates == NULL)
		abort();
	return candidates;
}

/* The groups of the table that was asked for last; they are made when it is another one. */
static const struct group *
groups_of(const struct route *table, size_t len)
{
	static struct group groups[GROUPS];
	static struct candidate *all; /* of one group behind the other */
	static const struct route *grouped;
	static size_t grouped_len;
	struct candidate *made;
	size_t n = 0;

	if (grouped == table && grouped_len == len)
		return groups;
	made = candidates_new(len);
	for (size_t i = 0; i < len; i++) {
		made[i] = candidate_of(&table[i]);
		n += made[i].third == '{' ? GROUPS : 1;
	}
	free(all);
	all = candidates_new(n);
	n = 0;
	for (size_t g = 0; g < GROUPS; g++) {
		groups[g].candidates = all + n;
		for (size_t i = 0; i < len; i++)
			if (belongs(&made[i], g))
				all[n++] = made[i];
		groups[g].len = (size_t)(all + n - groups[g].candidates);
	}
	free(made);
	grouped = table;
	grouped_len = len;
	return groups;
}

static bool
method_fits(const char *route_method, const char *method)
{
	return strcmp(route_method, method) == 0 ||
	       (strcmp(route_method, "GET") == 0 && strcmp(method, "HEAD") == 0);
}

/* "GET, HEAD, POST, OPTIONS" grows by a method, once. */
static void
allow_add(struct exchange *x, const char *method)
{
	const char *allow = x->response.allow;
	const char *add = strcmp(method, "GET") == 0 ? "GET, HEAD" : method;

	if (allow == NULL)
		x->response.allow = exchange_printf(x, "OPTIONS, %s", add);
	else if (strstr(allow, method) == NULL)
		x->response.allow = exchange_printf(x, "%s, %s", allow, add);
}

/* May path be asked for on this route, by whatever method?  Then values are those of its pattern. */
static bool
candidate_fits(struct exchange *x, const struct candidate *candidate, const struct path *path,
	       const char *values[EXCHANGE_PATH_VALUES_MAX])
{
	const struct route *route = candidate->route;

	return (candidate->segments == path->len || candidate->is_open) &&
	       (x->apis_off >> route->api & 1) == 0 && path_fits(x, route->path, path, values);
}

int
router_find(const struct route *table, size_t len, struct exchange *x, struct err *err)
{
	const char *values[EXCHANGE_PATH_VALUES_MAX];
	const struct group *group;
	struct path path;

	x->route = NULL;
	x->response.allow = NULL;
	if (path_split(x, &path, err) == -1)
		return -1;
	group = &groups_of(table, len)[group_number(path.len > 2 ? *path.text[2] : '\0')];
	for (size_t i = 0; i < group->len; i++) {
		const struct candidate *candidate = &group->candidates[i];

		if (method_fits(candidate->route->method, x->request.method) &&
		    candidate_fits(x, candidate, &path, values)) {
			x->route = candidate->route;
			memcpy(x->path_values, values, sizeof(values));
			return 0;
		}
	}
	for (size_t i = 0; i < group->len; i++)
		if (candidate_fits(x, &group->candidates[i], &path, values))
			allow_add(x, group->candidates[i].route->method);
	return 0;
}

int
router_match(struct exchange *x, struct err *err)
{
	return router_find(routes, routes_len, x, err);
}

int
router_patience_s(const struct exchange *x)
{
	static size_t ends = SIZE_MAX; /* behind the last route that has a patience of its own */

	if (ends == SIZE_MAX)
		for (ends = routes_len; ends > 0 && routes[ends - 1].patience_s == 0;)
			ends--;
	for (size_t i = 0; i < ends; i++)
		if (routes[i].patience_s != 0 && strcmp(routes[i].path, x->request.path) == 0 &&
		    method_fits(routes[i].method, x->request.method))
			return routes[i].patience_s;
	return 0;
}

int
router_require(struct exchange *x, struct err *err)
{
	if (x->route != NULL)
		return 0;
	if (x->response.allow == NULL)
		return err_set(err, ERR_NOT_FOUND, "there is nothing at path \"%.200s\"",
			       x->request.path);
	if (strcmp(x->request.method, "OPTIONS") == 0) {
		exchange_answer_empty(x, 204);
		exchange_header(x, "Allow", x->response.allow);
		return 1;
	}
	x->response.refusal = REFUSAL_METHOD;
	return err_set(err, ERR_INVALID, "method \"%.20s\" does nothing at this path; it takes %s",
		       x->request.method, x->response.allow);
}
