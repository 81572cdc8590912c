/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model/event_filter.h: what happens to jobs, and who wants to hear of what.
 *
 * A filter comes as a query string, whose names and meanings are those of a query (model/job_query.h): a name that is given
 * several times means one of the values, different names mean all of them.
 */
#ifndef MODEL_EVENT_FILTER_H
#define MODEL_EVENT_FILTER_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct memory;
struct text_list;

/* What an event can be found by; all are texts, numbers in their plain form. */
enum event_field {
	EVENT_KIND, /* "state", "change", "progress", "message" */
	EVENT_JOB,
	EVENT_STATE, /* as it was then */
	EVENT_PARENT,
	EVENT_QUEUE_ID,
	EVENT_QUEUE,
	EVENT_NODE,
	EVENT_DEFINITION,
	EVENT_USER,
	EVENT_ACCOUNT, /* the number of the one behind the job; of scopes only */
	EVENT_SESSION,
	EVENT_KEYWORD1,
	EVENT_KEYWORD2,
	EVENT_KEYWORD3,
	EVENT_MODULE,
	EVENT_APPLICATION,
	EVENT_DEFINITION_KEYWORD1,
	EVENT_DEFINITION_KEYWORD2,
	EVENT_DEFINITION_KEYWORD3,
	EVENT_DEFINITION_MODULE,
	EVENT_DEFINITION_APPLICATION,
	EVENT_FIELDS
};

/* NULL: it has none. */
struct event_facts {
	const char *texts[EVENT_FIELDS];
};

struct event_condition {
	enum event_field field;
	const char
	    *pattern; /* "": none or an empty one; with a %: LIKE without an escape; else equal */
};

#define EVENT_FILTER_BYTES_MAX 4000 /* of the query string */
#define EVENT_CONDITIONS_MAX 100
#define EVENT_LAST_ID_BYTES_MAX 1500

struct event_filter {
	struct event_condition *conditions;
	size_t len; /* 0: everything */
	const char *last_event_id; /* lastEventId, for who cannot set a header; NULL: not given */
};

/*
 * The query string as it was sent.  0; -1 with ERR_INVALID that names the parameter: unknown, no number, no state, no kind,
 * broken escapes, too much.
 */
int event_filter_parse(const char *query, struct memory *memory, struct event_filter *out,
		       struct err *err);

/* Does each condition of the filter hold of what happened? */
bool event_filter_matches(const struct event_filter *filter, const struct event_facts *facts);

/* jqm.in_scope(): NULL covers everything. */
bool event_scope_covers(const struct text_list *scope, const struct event_facts *facts);

#endif
