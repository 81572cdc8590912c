/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/route.h: what a row of the route table says.  A route that forgets its permission is closed:
 * permission NULL refuses everyone.
 */
#ifndef FCGI_ROUTE_H
#define FCGI_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct exchange;
struct err;
struct wire_object;

enum route_body {
	BODY_NONE, /* a body is ignored */
	BODY_BYTES, /* any bytes of any type */
	BODY_FORM, /* application/x-www-form-urlencoded, else 415 */
	BODY_DOCUMENT, /* application/json (and application/xml where the API has it), else 415 */
	BODY_JSON, /* application/json, else 415 */
	BODY_XML /* application/xml or text/xml, else 415; up to XML_BYTES_MAX, for a whole cluster's
		  * definitions, even if fcgi:body_max_bytes is less */
};

#define PERMISSION_PUBLIC "-public-" /* no authentication asked */
#define PERMISSION_ANY_ACCOUNT "-account-" /* authenticated is enough */
#define PERMISSION_NODE \
	"-node-" /* the certificate of another node of the cluster, and nothing else */
#define PERMISSION_ALL "*:*"

/*
 * A job's own token: the handler asks exchange_may_see_job().  An account whose permission is limited to some
 * queues, definitions or its own jobs: it gives x->scope to whatever it reads or changes.
 */
#define ROUTE_FOR_JOBS 1u
#define ROUTE_SCOPED 2u
/*
 * Before its first statement the handler does nothing that could not be undone by forgetting its answer; the
 * question whether the caller's rights are still what they were goes to the database together with that (pipeline.c).
 */
#define ROUTE_ONE_STATEMENT 4u
/* Who knows its address may have what is there: it stands in no error log of nginx. */
#define ROUTE_ADDRESS_IS_KEY 8u
/* Public while administrators say so (x->health_is_public), whatever its permission. */
#define ROUTE_MAY_BE_PUBLIC 16u

/* Does an Idempotency-Key count (idempotency.h)?  All that such a handler does is in x->db. */
enum route_once {
	ONCE_NO,
	ONCE,
	ONCE_SECRET /* it does, and the answer is not kept: it has a secret that is stored nowhere else */
};

enum route_api {
	API_SIMPLE,
	API_CLIENT,
	API_ADMIN,
	API_PKI, /* certificates for everybody: goes only with all of them */
	API_ACCOUNT, /* logging in, one's own account: there as long as one of the others is */
	API_NONE /* about all of them: goes only with all of them */
};
#define ROUTE_APIS 6

/* As many numbers of jobs as a query finds, each of the largest; nginx takes as much. */
#define JOBS_BYTES_MAX (24 * 1024 * 1024)

/*
 * What a body or an answer is, where its media type and the object beside do not tell it all.  Neither
 * said: the object; without one any text, bytes or XML as the media type says, or nothing (204).
 */
enum route_shape {
	SHAPE_BY_TYPE,
	SHAPE_NOTHING, /* 204, although the row names a media type */
	SHAPE_LIST, /* an array of the object */
	SHAPE_OBJECT_OR_LIST,
	SHAPE_NUMBER, /* as JSON or as text */
	SHAPE_NUMBERS,
	SHAPE_TEXTS,
	SHAPE_JOBS, /* ids of jobs in an array, up to JOBS_BYTES_MAX even if fcgi:body_max_bytes is less, or a
		     * query that finds them */
	SHAPE_JOBS_OR_COUNT, /* ids, or after ?dryRun=true how many */
	SHAPE_QUEUE_STATUS, /* one of three words, wrapped as the media type wants it */
	SHAPE_ANY /* a JSON object that nobody describes further */
};

/* A parameter of the query string, or a field of a form. */
enum route_value_type {
	VALUE_TEXT,
	VALUE_INTEGER,
	VALUE_BOOLEAN,
	VALUE_TEXTS /* given repeatedly */
};
struct route_value {
	const char *name; /* NULL behind the last */
	enum route_value_type type;
	bool required;
	const char *description;
	int64_t min, max; /* of integers; both 0: any */
};
/* For a row: .query = VALUES({ "count", VALUE_INTEGER, false, "how many", 1, 100 }, ...) */
#define VALUES(...)                                         \
	(const struct route_value[])                        \
	{                                                   \
		__VA_ARGS__,                                \
		{                                           \
			NULL, VALUE_TEXT, false, NULL, 0, 0 \
		}                                           \
	}

struct route {
	const char *method; /* "GET" also serves HEAD */
	const char *path; /* "/ws/client/ji/{id}"; {..} is one segment; a last {..*} is
			   * all that follows, slashes included */
	enum route_api api;
	enum route_body body;
	const char *permission; /* "job_instance:read"; alternatives: "a:create|a:update" */
	unsigned limits; /* ROUTE_...: who may use it within limits, which the handler keeps */
	int (*handler)(struct exchange *x, struct err *err);
	const char
	    *produces; /* what Accept must allow: "application/json", or several, the preferred one
		       * first: "application/xml,application/json"; NULL: anything */
	/* The rest is read by openapi.c alone; what a row leaves out is NULL or false. */
	const struct wire_object *in, *out; /* what is taken and answered; NULL when no object */
	const char *summary; /* one line; never left out */
	enum route_shape takes,
	    answers; /* never left out where in or out is NULL and the type is JSON */
	const struct route_value *query; /* parameters of the query string */
	const struct route_value *form; /* fields of BODY_FORM, which must have them */
	bool has_state; /* GET: the answer has an ETag; else: If-Match is heeded */
	const char *
	    sent_as; /* where produces is NULL: the media type all the same, whatever Accept says */
	enum route_once once;
	int patience_s; /* a database that is silent for so long counts as away: 503; 0: as long as it takes.
			 * Of paths without {..} only */
	bool may_conflict; /* a GET that can be refused with 409, too */
	bool redirects; /* 302 besides, or instead of 204 */
	const char *note; /* more than the summary can hold */
	const char *
	    example; /* of a text or of XML, taken or answered; of what tables describe it is made */
};

/* The table (route_table.c): sorted as read; the first row that matches wins. */
extern const struct route routes[];
extern const size_t routes_len;

#endif
