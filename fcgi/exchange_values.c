/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/exchange_values.c: "a=1&b=2" of the query string or of a form, field by field. */
#include "fcgi/exchange.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "base/str.h"

/* More fields than this is no form of ours. */
#define PAIRS_MAX 1000

/* One undecoded field; the texts are not terminated. */
struct pair {
	const char *name, *value;
	size_t name_len, value_len;
};

/* Take the next non-empty field off *at; false at the end. */
static bool
next_pair(const char **at, struct pair *pair)
{
	size_t len;

	*at += strspn(*at, "&");
	len = strcspn(*at, "&");
	if (len == 0)
		return false;
	pair->name = *at;
	pair->name_len = strcspn(*at, "=&");
	pair->value = pair->name + pair->name_len;
	pair->value_len = len - pair->name_len;
	if (pair->value_len > 0) {
		pair->value++;
		pair->value_len--;
	}
	*at += len;
	return true;
}

/* Decoded into x's memory; NULL when it has a broken escape, a NUL or is no UTF-8. */
static const char *
decode(struct exchange *x, const char *text, size_t len)
{
	char *decoded = str_percent_decode(text, len, true);
	char *copy = NULL;

	if (decoded != NULL && str_utf8_valid(decoded, strlen(decoded)))
		copy = exchange_strdup(x, decoded);
	free(decoded);
	return copy;
}

static int
broken(const char *what, const char *name, struct err *err)
{
	return err_set(err, ERR_INVALID,
		       "%s \"%.60s\": broken percent escape or bytes that are not UTF-8", what,
		       name);
}

int
exchange_pairs_check(struct exchange *x, const char *text, const char *what, struct err *err)
{
	struct pair pair;
	size_t count = 0;

	while (next_pair(&text, &pair)) {
		const char *name = decode(x, pair.name, pair.name_len);

		if (++count > PAIRS_MAX)
			return err_set(err, ERR_INVALID, "more than %d times %s", PAIRS_MAX, what);
		if (name == NULL)
			return broken(what, "(its name)", err);
		if (decode(x, pair.value, pair.value_len) == NULL)
			return broken(what, name, err);
	}
	return 0;
}

/* The values of name, at most max, into values: their number, or -1 with err. */
static int
find(struct exchange *x, const char *text, const char *what, const char *name, const char **values,
     int max, struct err *err)
{
	struct pair pair;
	int count = 0;

	while (count < max && next_pair(&text, &pair)) {
		const char *key = decode(x, pair.name, pair.name_len);

		if (key == NULL || strcmp(key, name) != 0)
			continue;
		values[count] = decode(x, pair.value, pair.value_len);
		if (values[count] == NULL)
			return broken(what, name, err);
		count++;
	}
	return count;
}

static int
find_one(struct exchange *x, const char *text, const char *what, const char *name, const char **out,
	 struct err *err)
{
	const char *values[2] = { NULL, NULL };
	int n = find(x, text, what, name, values, 2, err);

	if (n == -1)
		return -1;
	if (n == 2)
		return err_set(err, ERR_INVALID, "%s \"%s\" is there twice", what, name);
	*out = values[0];
	return 0;
}

int
exchange_query_value(struct exchange *x, const char *name, const char **out, struct err *err)
{
	return find_one(x, x->request.query, "query parameter", name, out, err);
}

int
exchange_form_value(struct exchange *x, const char *name, const char **out, struct err *err)
{
	return find_one(x, x->request.body, "form field", name, out, err);
}

/* No more than these are in text, nor are taken. */
static int
pairs_at_most(const char *text)
{
	int n = 1;

	for (; n < PAIRS_MAX && (text = strchr(text, '&')) != NULL; text++)
		n++;
	return n;
}

int
exchange_form_values(struct exchange *x, const char *name, const char *const **out, struct err *err)
{
	int max = pairs_at_most(x->request.body);
	const char **values = exchange_alloc(x, ((size_t)max + 1) * sizeof(*values));

	if (find(x, x->request.body, "form field", name, values, max, err) == -1)
		return -1;
	*out = values;
	return 0;
}

int
exchange_query_int(struct exchange *x, const char *name, int64_t min, int64_t max,
		   int64_t default_value, int64_t *out, struct err *err)
{
	const char *text = NULL;

	if (exchange_query_value(x, name, &text, err) == -1)
		return -1;
	if (text == NULL || text[0] == '\0') {
		*out = default_value;
		return 0;
	}
	if (num_int64(text, min, max, out) == -1)
		return err_set(err, ERR_INVALID,
			       "query parameter \"%s\": \"%.40s\" is not a number from %" PRId64
			       " to %" PRId64,
			       name, text, min, max);
	return 0;
}
