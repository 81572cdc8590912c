/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/negotiation.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "fcgi/exchange.h"
#include "fcgi/route.h"

#define QUALITY_ONE 1000

/* One element of Accept: type/subtype;...;q=0.5 */
struct range {
	const char *type, *subtype; /* not terminated */
	size_t type_len, subtype_len;
	int quality; /* thousandths */
};

static size_t
token_len(const char *text)
{
	return strcspn(text, "/;,= \t\"");
}

static const char *
skip_blanks(const char *text)
{
	return text + strspn(text, " \t");
}

/*
 * "0.5" (at most three digits behind the point) to thousandths; -1 when it is anything else.  ".5"
 * is what old Java sends.
 */
static int
parse_quality(const char *text, size_t len)
{
	int quality = 0, scale = QUALITY_ONE;
	size_t i = 0;

	if (len > 0 && (text[0] == '0' || text[0] == '1'))
		quality = (text[i++] - '0') * QUALITY_ONE;
	else if (len < 2)
		return -1;
	if (i < len && text[i++] != '.')
		return -1;
	if (len - i > 3)
		return -1;
	for (; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		scale /= 10;
		quality += (text[i] - '0') * scale;
	}
	return quality > QUALITY_ONE ? -1 : quality;
}

/* The parameters behind a range: only q matters.  false when q is unreadable. */
static bool
parse_parameters(const char *text, const char *end, int *quality)
{
	while (text < end) {
		size_t name_len;

		text = skip_blanks(text + (*text == ';'));
		name_len = token_len(text);
		if (name_len == 1 && (*text == 'q' || *text == 'Q') && text[1] == '=') {
			*quality = parse_quality(text + 2, token_len(text + 2));
			return *quality != -1;
		}
		text += strcspn(text, ";,");
	}
	return true;
}

/* Read the element at *at and step behind it.  false when it is no media range. */
static bool
parse_range(const char **at, struct range *range)
{
	const char *text = skip_blanks(*at);
	const char *end = text + strcspn(text, ",");

	*at = *end == ',' ? end + 1 : end;
	range->quality = QUALITY_ONE;
	range->type = text;
	range->type_len = token_len(text);
	text += range->type_len;
	if (range->type_len == 1 && *range->type == '*' && *text != '/') {
		range->subtype = range->type; /* a bare "*", of old Java again */
		range->subtype_len = 1;
		text = skip_blanks(text);
	} else if (range->type_len == 0 || *text != '/') {
		return false;
	} else {
		range->subtype = ++text;
		range->subtype_len = token_len(text);
		text = skip_blanks(text + range->subtype_len);
	}
	if (range->subtype_len == 0 || (text < end && *text != ';'))
		return false;
	return parse_parameters(text, end, &range->quality);
}

static bool
is_word(const char *text, size_t len, const char *word, size_t word_len)
{
	return len == word_len && strncasecmp(text, word, len) == 0;
}

/* 3: exactly, 2: type and any subtype, 1: anything, 0: not at all. */
static int
range_fits(const struct range *range, const char *offer, size_t offer_len)
{
	const char *slash = memchr(offer, '/', offer_len);
	size_t type_len = slash == NULL ? offer_len : (size_t)(slash - offer);
	const char *subtype = offer + type_len + (slash != NULL);
	bool any_subtype = is_word(range->subtype, range->subtype_len, "*", 1);

	if (is_word(range->type, range->type_len, "*", 1))
		return any_subtype ? 1 : 0;
	if (!is_word(range->type, range->type_len, offer, type_len))
		return 0;
	if (any_subtype)
		return 2;
	return is_word(range->subtype, range->subtype_len, subtype,
		       offer_len - (size_t)(subtype - offer))
		   ? 3
		   : 0;
}

/* What Accept says of one offer. */
struct liking {
	int quality; /* by the most exact range; 0 when none fits */
	int fit; /* of that range */
	size_t place; /* of that range in Accept */
};

static struct liking
liking_of(const char *accept, const char *offer, size_t offer_len)
{
	struct liking best = { 0, 0, 0 };
	struct range range;
	bool readable = false;

	for (size_t place = 0; *accept != '\0'; place++) {
		int fit;

		if (!parse_range(&accept, &range))
			continue;
		readable = true;
		fit = range_fits(&range, offer, offer_len);
		if (fit > best.fit || (fit == best.fit && fit > 0 && range.quality > best.quality))
			best = (struct liking){ range.quality, fit, place };
	}
	if (!readable)
		best.quality = QUALITY_ONE;
	return best;
}

/* Is a liked more than b, which is offered before it?  Of two liked equally the one that is named
 * wins over one that a wildcard includes; of two that are named, the one named first. */
static bool
is_liked_more(struct liking a, struct liking b)
{
	if (a.quality != b.quality)
		return a.quality > b.quality;
	if (a.quality == 0 || a.fit != 3)
		return false;
	return b.fit != 3 || a.place < b.place;
}

size_t
negotiation_choose(const char *accept, const char *offers)
{
	size_t best = NEGOTIATION_NONE;
	struct liking best_liking = { 0, 0, 0 };

	for (size_t i = 0; *offers != '\0'; i++) {
		size_t len = strcspn(offers, ",");
		struct liking liking = liking_of(accept, offers, len);

		if (is_liked_more(liking, best_liking)) {
			best_liking = liking;
			best = i;
		}
		offers += len;
		offers += strspn(offers, ",");
	}
	return best;
}

/* The index-th of the comma-separated offers. */
static const char *
offer_text(struct exchange *x, const char *offers, size_t index)
{
	for (; index > 0; index--)
		offers += strcspn(offers, ",") + 1;
	return exchange_printf(x, "%.*s", (int)strcspn(offers, ","), offers);
}

static bool
is_one_of(const char *type, const char *const *types)
{
	while (*types != NULL && strcmp(type, *types) != 0)
		types++;
	return *types != NULL;
}

/* Is the body of a type the route can read?  An absent body has none. */
static bool
body_readable(const struct exchange *x)
{
	static const char *const forms[] = { "application/x-www-form-urlencoded", NULL };
	static const char *const documents[] = { "application/json", "application/xml", "text/xml",
						 NULL };
	static const char *const json[] = { "application/json", NULL };
	static const char *const xml[] = { "application/xml", "text/xml", NULL };
	const char *type = x->request.content_type;

	if (type[0] == '\0' && x->request.body_len == 0)
		return true;
	switch (x->route->body) {
	case BODY_NONE:
	case BODY_BYTES:
		return true;
	case BODY_FORM:
		return is_one_of(type, forms);
	case BODY_DOCUMENT:
		return is_one_of(type, documents);
	case BODY_JSON:
		return is_one_of(type, json);
	case BODY_XML:
		return is_one_of(type, xml);
	}
	return false;
}

int
negotiation_check(struct exchange *x, struct err *err)
{
	const char *produces = x->route->produces;

	if (produces != NULL) {
		size_t chosen = negotiation_choose(x->request.accept, produces);

		if (chosen == NEGOTIATION_NONE) {
			x->response.refusal = REFUSAL_ACCEPT;
			return err_set(err, ERR_INVALID,
				       "the answer would be of type %s, which \"Accept: %.100s\" "
				       "does not allow",
				       produces, x->request.accept);
		}
		x->media_type = offer_text(x, produces, chosen);
	}
	if (!body_readable(x)) {
		x->response.refusal = REFUSAL_MEDIA_TYPE;
		return err_set(err, ERR_INVALID, "this path takes no body of type \"%.100s\"",
			       x->request.content_type);
	}
	if (x->route->body == BODY_FORM)
		return exchange_pairs_check(x, x->request.body, "form field", err);
	return 0;
}
