/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/route.h: what a row of the route table says.  A route that forgets its permission is closed:
 * permission NULL refuses everyone.
 */
#ifndef FCGI_ROUTE_H
#define FCGI_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

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
#define PERMISSION_ALL "*:*"

/*
 * A job's own token: the handler asks exchange_may_see_job().  An account whose permission is limited to some
 * queues, definitions or its own jobs: it gives x->scope to whatever it reads or changes.
 */
#define ROUTE_FOR_JOBS 1u
#define ROUTE_SCOPED 2u

enum route_api {
	API_SIMPLE,
	API_CLIENT,
	API_ADMIN,
	API_PKI, /* certificates for everybody: goes only with all of them */
	API_ACCOUNT /* logging in, one's own account: there as long as one of the others is */
};
#define ROUTE_APIS 5

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
	const struct wire_object *in, *out; /* for the OpenAPI document; NULL when no object */
	const char *summary;
};

/* The table (route_table.c): sorted as read; the first row that matches wins. */
extern const struct route routes[];
extern const size_t routes_len;

#endif
