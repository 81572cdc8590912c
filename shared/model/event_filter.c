/* SPDX-License-Identifier: Apache-2.0 */
#include "model/event_filter.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "base/str.h"
#include "model/job_state.h"
#include "model/memory.h"
#include "model/value.h"

#define LAST_EVENT_ID "lastEventId"
#define QUOTED_BYTES_MAX 60 /* of what is wrong, in an error */

enum value_type {
	VALUE_TEXT,
	VALUE_NUMBER, /* below 1: none */
	VALUE_STATES, /* "CRASHED,KILLED" */
	VALUE_KINDS
};

static const struct parameter {
	const char *name;
	enum event_field field;
	enum value_type type;
} parameters[] = {
	{ "kinds", EVENT_KIND, VALUE_KINDS },
	{ "jobInstanceId", EVENT_JOB, VALUE_NUMBER },
	{ "statuses", EVENT_STATE, VALUE_STATES },
	{ "parentId", EVENT_PARENT, VALUE_NUMBER },
	{ "queueId", EVENT_QUEUE_ID, VALUE_NUMBER },
	{ "queueName", EVENT_QUEUE, VALUE_TEXT },
	{ "nodeName", EVENT_NODE, VALUE_TEXT },
	{ "applicationName", EVENT_DEFINITION, VALUE_TEXT },
	{ "user", EVENT_USER, VALUE_TEXT },
	{ "sessionId", EVENT_SESSION, VALUE_TEXT },
	{ "instanceKeyword1", EVENT_KEYWORD1, VALUE_TEXT },
	{ "instanceKeyword2", EVENT_KEYWORD2, VALUE_TEXT },
	{ "instanceKeyword3", EVENT_KEYWORD3, VALUE_TEXT },
	{ "instanceModule", EVENT_MODULE, VALUE_TEXT },
	{ "instanceApplication", EVENT_APPLICATION, VALUE_TEXT },
	{ "jobDefKeyword1", EVENT_DEFINITION_KEYWORD1, VALUE_TEXT },
	{ "jobDefKeyword2", EVENT_DEFINITION_KEYWORD2, VALUE_TEXT },
	{ "jobDefKeyword3", EVENT_DEFINITION_KEYWORD3, VALUE_TEXT },
	{ "jobDefModule", EVENT_DEFINITION_MODULE, VALUE_TEXT },
	{ "jobDefApplication", EVENT_DEFINITION_APPLICATION, VALUE_TEXT },
};

static const char *const kinds[] = { "state", "change", "progress", "message" };

static int
add(struct event_filter *filter, const struct parameter *parameter, const char *pattern,
    struct err *err)
{
	if (filter->len == EVENT_CONDITIONS_MAX)
		return err_set(err, ERR_INVALID, "a filter has at most %d values",
			       EVENT_CONDITIONS_MAX);
	filter->conditions[filter->len++] = (struct event_condition){ parameter->field, pattern };
	return 0;
}

static int
refuse(const struct parameter *parameter, const char *value, const char *why, struct err *err)
{
	return err_set(err, ERR_INVALID, "query parameter \"%s\": \"%.*s\" is %s", parameter->name,
		       STR_CUT(value, QUOTED_BYTES_MAX), why);
}

static int
add_number(struct event_filter *filter, const struct parameter *parameter, const char *value,
	   struct memory *memory, struct err *err)
{
	int64_t number;

	if (num_int64(value, -1, INT64_MAX, &number) == -1)
		return refuse(parameter, value, "no number, nor -1", err);
	return add(filter, parameter, number < 1 ? "" : memory_printf(memory, "%" PRId64, number),
		   err);
}

static bool
is_kind(const char *word)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(word, kinds[i]) == 0)
			return true;
	return false;
}

/* Each word between commas. */
static int
add_words(struct event_filter *filter, const struct parameter *parameter, const char *value,
	  struct memory *memory, struct err *err)
{
	for (;;) {
		size_t len = strcspn(value, ",");
		const char *word = memory_dup_len(memory, value, len);

		if (parameter->type == VALUE_STATES ? job_state_from_name(word) == JOB_STATE_NONE &&
							  strcmp(word, "DELETED") != 0
						    : !is_kind(word))
			return refuse(parameter, word,
				      parameter->type == VALUE_STATES
					  ? "no state"
					  : "none of state, change, progress, message",
				      err);
		if (add(filter, parameter, word, err) == -1)
			return -1;
		if (value[len] == '\0')
			return 0;
		value += len + 1;
	}
}

static int
take_pair(struct event_filter *filter, const char *name, const char *value, struct memory *memory,
	  struct err *err)
{
	if (strcmp(name, LAST_EVENT_ID) == 0) {
		filter->last_event_id = value;
		return 0;
	}
	for (size_t i = 0; i < sizeof(parameters) / sizeof(parameters[0]); i++) {
		const struct parameter *p = &parameters[i];

		if (strcmp(name, p->name) != 0)
			continue;
		if (p->type == VALUE_TEXT)
			return add(filter, p, value, err);
		if (p->type == VALUE_NUMBER)
			return add_number(filter, p, value, memory, err);
		return add_words(filter, p, value, memory, err);
	}
	return err_set(err, ERR_INVALID,
		       "query parameter \"%.*s\" is none of those events are found by",
		       STR_CUT(name, QUOTED_BYTES_MAX));
}

/* A copy of what is percent-encoded in src; NULL: broken. */
static const char *
decoded(const char *src, size_t len, struct memory *memory)
{
	char *text = str_percent_decode(src, len, true);
	const char *copy = NULL;

	if (text != NULL && str_utf8_valid(text, strlen(text)))
		copy = memory_dup(memory, text);
	free(text);
	return copy;
}

int
event_filter_parse(const char *query, struct memory *memory, struct event_filter *out,
		   struct err *err)
{
	size_t room;

	*out = (struct event_filter){ NULL, 0, NULL };
	if (strlen(query) > EVENT_FILTER_BYTES_MAX)
		return err_set(err, ERR_INVALID, "the query string is longer than %d bytes",
			       EVENT_FILTER_BYTES_MAX);
	/* A name, a value and what parts them are two bytes at least, a word of a list is. */
	room = strlen(query) / 2 + 1;
	out->conditions =
	    memory_alloc_array(memory, room < EVENT_CONDITIONS_MAX ? room : EVENT_CONDITIONS_MAX,
			       sizeof(out->conditions[0]));
	while (*query != '\0') {
		size_t len = strcspn(query, "&"), name_len = strcspn(query, "=&");
		size_t value_at = name_len < len ? name_len + 1 : len;
		const char *name = decoded(query, name_len, memory);
		const char *value = decoded(query + value_at, len - value_at, memory);

		if (name == NULL || value == NULL)
			return err_set(err, ERR_INVALID,
				       "the query string has broken escapes, or bytes that are no "
				       "UTF-8");
		if (len > 0 && take_pair(out, name, value, memory, err) == -1)
			return -1;
		query += query[len] == '&' ? len + 1 : len;
	}
	return 0;
}

static size_t
char_bytes(const char *text)
{
	size_t n = 1;

	while (((unsigned char)text[n] & 0xc0) == 0x80)
		n++;
	return n;
}

/* LIKE: back to the last % only, so that it takes len * len steps at most. */
static bool
is_like(const char *text, const char *pattern)
{
	const char *after = NULL, *from = NULL;

	while (*text != '\0') {
		if (*pattern == '%') {
			after = ++pattern;
			from = text;
		} else if (*pattern == '_') {
			pattern++;
			text += char_bytes(text);
		} else if (*pattern == *text) {
			pattern++;
			text++;
		} else if (after != NULL) {
			pattern = after;
			from += char_bytes(from);
			text = from;
		} else {
			return false;
		}
	}
	while (*pattern == '%')
		pattern++;
	return *pattern == '\0';
}

static bool
matches(const char *text, const char *pattern)
{
	if (pattern[0] == '\0')
		return text == NULL || text[0] == '\0';
	if (text == NULL)
		return false;
	return strchr(pattern, '%') != NULL ? is_like(text, pattern) : strcmp(text, pattern) == 0;
}

bool
event_filter_matches(const struct event_filter *filter, const struct event_facts *facts)
{
	uint32_t wanted = 0, met = 0;

	for (size_t i = 0; i < filter->len; i++) {
		const struct event_condition *c = &filter->conditions[i];
		uint32_t bit = (uint32_t)1 << c->field;

		wanted |= bit;
		if ((met & bit) == 0 && matches(facts->texts[c->field], c->pattern))
			met |= bit;
	}
	return wanted == met;
}

/* Is limit "name=" and this text? */
static bool
is_limit(const char *limit, const char *name, const char *text)
{
	return text != NULL && str_starts(limit, name) && strcmp(limit + strlen(name), text) == 0;
}

bool
event_scope_covers(const struct text_list *scope, const struct event_facts *facts)
{
	if (scope == NULL)
		return true;
	for (size_t i = 0; i < scope->len; i++)
		if (is_limit(scope->items[i], "queue=", facts->texts[EVENT_QUEUE]) ||
		    is_limit(scope->items[i], "definition=", facts->texts[EVENT_DEFINITION]) ||
		    is_limit(scope->items[i], "own=", facts->texts[EVENT_ACCOUNT]))
			return true;
	return false;
}
