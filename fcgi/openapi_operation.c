/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/openapi_operation.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "codec/doc_example.h"
#include "codec/doc_schema.h"
#include "codec/docs.h"
#include "codec/json_out.h"
#include "fcgi/openapi_example.h"
#include "fcgi/openapi_shape.h"
#include "fcgi/route.h"

#define NAME_SIZE 200
#define PREFIX "/ws/"
#define JSON_TYPE "application/json"
#define XML_TYPE "application/xml"
#define BYTES_TYPE "application/octet-stream"
#define PARTS_TYPE "multipart/byteranges" /* what nginx makes of several ranges */
#define ETAG "\"1-5d1f0c9e\""

/* ---- what a route is, as far as its refusals go ---- */

static bool
is_get(const struct route *route)
{
	return strcmp(route->method, "GET") == 0;
}

static bool
is_public(const struct route *route)
{
	return strcmp(route->permission, PERMISSION_PUBLIC) == 0;
}

/* nginx sends files, also in ranges and only if they changed. */
static bool
is_download(const struct route *route)
{
	return is_get(route) && route->produces != NULL && strcmp(route->produces, BYTES_TYPE) == 0;
}

static bool
always(const struct route *route)
{
	(void)route;
	return true;
}

static bool
changes(const struct route *route)
{
	return !is_get(route);
}

static bool
may_conflict(const struct route *route)
{
	return changes(route) || route->may_conflict;
}

static bool
names_its_type(const struct route *route)
{
	return route->produces != NULL;
}

static bool
heeds_if_match(const struct route *route)
{
	return route->has_state && !is_get(route);
}

/* Not when there is nothing left, or a whole list was written. */
static bool
tells_state(const struct route *route)
{
	return route->has_state && strcmp(route->method, "DELETE") != 0 &&
	       route->takes != SHAPE_LIST;
}

static bool
reads_a_type(const struct route *route)
{
	return route->body != BODY_NONE && route->body != BODY_BYTES;
}

/* Who may meet which refusal. */
static const struct {
	const char *status, *description;
	bool (*can)(const struct route *route);
} refusals[] = {
	{ "400", "something in the request is wrong; the message names it", always },
	{ "401",
	  "no login, or a wrong one; also for what is public, if that part of the API is turned "
	  "off",
	  always },
	{ "403", "not permitted", always },
	{ "404", "there is no such thing, or this part of the API is turned off", always },
	{ "406", "the answer would be of a type that Accept excludes", names_its_type },
	{ "409", "it is in a state, or in a relation, that does not allow it", may_conflict },
	{ "412", "If-Match: it has changed", heeds_if_match },
	{ "413", "too large, or too many", always },
	{ "414", "the path is too long", always },
	{ "415", "a body of this type is not read", reads_a_type },
	{ "416", "the range is outside", is_download },
	{ "429", "too many wrong logins; Retry-After says when to try again", always },
	{ "500", "the server failed", always },
	{ "502", "a server died; whether a change was made is not known", always },
	{ "503", "the server cannot answer now; Retry-After says when to try again", always },
	{ "504", "no answer in time; whether a change was made is not known", always },
};
#define REFUSALS (sizeof(refusals) / sizeof(refusals[0]))

void
openapi_refusals_write(struct json_out *out)
{
	json_open(out, "responses", '{');
	for (size_t i = 0; i < REFUSALS; i++) {
		json_open(out, refusals[i].status, '{');
		json_text(out, "description", refusals[i].description);
		openapi_content_write(out, JSON_TYPE, SHAPE_BY_TYPE, &error_report_doc,
				      DOC_SCHEMA_ANSWER, NULL);
		json_close(out, '}');
	}
	json_open(out, "308", '{');
	json_text(out, "description", "this port speaks TLS: Location is where to ask again");
	openapi_content_write(out, "text/html", SHAPE_BY_TYPE, NULL, DOC_SCHEMA_ANSWER, NULL);
	json_close(out, '}');
	json_close(out, '}');
}

/* What is wrong with a file comes with all of it, line by line; what is wrong with the rest of the request does not. */
static void
write_refused_import(struct json_out *out)
{
	static const char *const refs[] = { "#/components/schemas/errorDto",
					    "#/components/schemas/importErrorDto" };

	json_open(out, "400", '{');
	json_text(out, "description",
		  "something in the request or in the file is wrong; the message names it");
	json_open(out, "content", '{');
	json_open(out, JSON_TYPE, '{');
	json_open(out, "schema", '{');
	json_open(out, "anyOf", '[');
	for (size_t i = 0; i < sizeof(refs) / sizeof(refs[0]); i++) {
		json_open(out, NULL, '{');
		json_text(out, "$ref", refs[i]);
		json_close(out, '}');
	}
	json_close(out, ']');
	json_close(out, '}');
	openapi_example_write(out, JSON_TYPE, SHAPE_BY_TYPE, &import_error_report_doc,
			      DOC_SCHEMA_ANSWER, NULL);
	json_close(out, '}');
	json_close(out, '}');
	json_close(out, '}');
}

/* ---- parameters ---- */

static void
write_query_parameters(struct json_out *out, const struct route_value *value)
{
	for (; value != NULL && value->name != NULL; value++) {
		json_open(out, NULL, '{');
		json_text(out, "name", value->name);
		json_text(out, "in", "query");
		json_text(out, "description", value->description);
		json_bool(out, "required", value->required);
		json_open(out, "schema", '{');
		openapi_value_write(out, value);
		json_close(out, '}');
		openapi_example_value_write(out, "example", value);
		json_close(out, '}');
	}
}

static void
write_header_parameter(struct json_out *out, const char *name, const char *description,
		       const char *example)
{
	json_open(out, NULL, '{');
	json_text(out, "name", name);
	json_text(out, "in", "header");
	json_text(out, "description", description);
	json_open(out, "schema", '{');
	json_text(out, "type", "string");
	json_close(out, '}');
	json_text(out, "example", example);
	json_close(out, '}');
}

/* id, jobId, n are numbers; the rest are names. */
static bool
is_number(const char *name)
{
	return strcmp(name, "id") == 0 || strcmp(name, "n") == 0 || str_ends(name, "Id");
}

static void
write_path_parameters(struct json_out *out, const char *path)
{
	while ((path = strchr(path, '{')) != NULL) {
		size_t len = strcspn(++path, "*}");
		char name[NAME_SIZE];

		(void)snprintf(name, sizeof(name), "%.*s", (int)len, path);
		json_open(out, NULL, '{');
		json_text(out, "name", name);
		json_text(out, "in", "path");
		json_bool(out, "required", true);
		if (path[len] == '*')
			json_text(out, "x-segments", "many");
		json_open(out, "schema", '{');
		if (is_number(name))
			openapi_integer_write(out, 0, INT64_MAX);
		else
			json_text(out, "type", "string");
		json_close(out, '}');
		if (is_number(name))
			doc_example_number(out, "example", name, 0, INT64_MAX);
		else
			doc_example_text(out, "example", name);
		json_close(out, '}');
		path += len;
	}
}

static const char *
once_description(const struct route *route)
{
	return route->once == ONCE_SECRET
		   ? "the same request with the same key is not done again, and answered 409, as "
		     "its answer is not kept"
		   : "the same request with the same key is not done again: it has the answer of "
		     "the first time";
}

static void
write_parameters(struct json_out *out, const struct route *route)
{
	json_open(out, "parameters", '[');
	write_path_parameters(out, route->path);
	write_query_parameters(out, route->query);
	if (heeds_if_match(route))
		write_header_parameter(out, "If-Match", "only if this is still its ETag, else 412",
				       ETAG);
	if (route->has_state && is_get(route))
		write_header_parameter(out, "If-None-Match", "304 if this is still its ETag", ETAG);
	if (is_download(route))
		write_header_parameter(out, "Range", "a part of it", "bytes=0-1023");
	if (route->once != ONCE_NO)
		write_header_parameter(out, "Idempotency-Key", once_description(route),
				       "0b3c53c5-3d1a-4f0a-8f37-3d6f7a1f5b1e");
	json_close(out, ']');
}

/* ---- what is taken and what is answered ---- */

static void
write_body(struct json_out *out, const struct route *route)
{
	/* Lists are read from JSON only. */
	bool is_list = route->takes == SHAPE_LIST;
	const char *types = JSON_TYPE;

	if (route->body == BODY_NONE)
		return;
	json_open(out, "requestBody", '{');
	json_bool(out, "required", true);
	if (route->body == BODY_FORM) {
		openapi_form_write(out, route->form);
	} else {
		if (route->body == BODY_BYTES)
			types = BYTES_TYPE;
		else if (route->body == BODY_XML)
			types = XML_TYPE ",text/xml";
		else if (route->body == BODY_DOCUMENT && !is_list)
			types = JSON_TYPE "," XML_TYPE;
		openapi_content_write(out, types, route->takes, route->in, DOC_SCHEMA_INPUT,
				      route->example);
	}
	json_close(out, '}');
}

static void
write_success(struct json_out *out, const struct route *route)
{
	bool is_object = route->out != NULL && route->answers == SHAPE_BY_TYPE;
	const char *types = route->produces != NULL ? route->produces : route->sent_as;

	if (types == NULL || route->answers == SHAPE_NOTHING) {
		json_open(out, "204", '{');
		json_text(out, "description", "done");
	} else {
		json_open(out, "200", '{');
		json_text(out, "description", is_object ? route->out->description : route->summary);
	}
	if (tells_state(route)) {
		json_open(out, "headers", '{');
		json_open(out, "ETag", '{');
		json_text(out, "description", "the state it is in, for If-Match or If-None-Match");
		json_open(out, "schema", '{');
		json_text(out, "type", "string");
		json_close(out, '}');
		json_close(out, '}');
		json_close(out, '}');
	}
	if (types != NULL && route->answers != SHAPE_NOTHING)
		openapi_content_write(out, types, route->answers, route->out, DOC_SCHEMA_ANSWER,
				      route->example);
	json_close(out, '}');
}

static void
write_responses(struct json_out *out, const struct route *route)
{
	char ref[NAME_SIZE];

	json_open(out, "responses", '{');
	if (route->redirects) {
		json_open(out, "302", '{');
		json_text(out, "description", "Location is where to go on");
		json_close(out, '}');
	}
	if (route->produces != NULL || !route->redirects)
		write_success(out, route);
	if (is_download(route)) {
		json_open(out, "206", '{');
		json_text(out, "description", "the part that was asked for, or the parts");
		openapi_content_write(out, BYTES_TYPE "," PARTS_TYPE, SHAPE_BY_TYPE, NULL,
				      DOC_SCHEMA_ANSWER, NULL);
		json_close(out, '}');
	}
	if (is_download(route) || (is_get(route) && route->has_state)) {
		json_open(out, "304", '{');
		json_text(out, "description", "the caller has it already");
		json_close(out, '}');
	}
	if (is_get(route)) {
		json_open(out, "308", '{');
		json_text(out, "$ref", "#/components/responses/308");
		json_close(out, '}');
	}
	for (size_t i = 0; i < REFUSALS; i++) {
		if (!refusals[i].can(route))
			continue;
		if (route->body == BODY_XML && strcmp(refusals[i].status, "400") == 0) {
			write_refused_import(out);
			continue;
		}
		(void)snprintf(ref, sizeof(ref), "#/components/responses/%s", refusals[i].status);
		json_open(out, refusals[i].status, '{');
		json_text(out, "$ref", ref);
		json_close(out, '}');
	}
	json_close(out, '}');
}

/* ---- the operation ---- */

static void
write_permission(struct json_out *out, const char *permission)
{
	json_open(out, "x-permission", '[');
	if (strcmp(permission, PERMISSION_PUBLIC) != 0 &&
	    strcmp(permission, PERMISSION_ANY_ACCOUNT) != 0 &&
	    strcmp(permission, PERMISSION_NODE) != 0)
		while (*permission != '\0') {
			size_t len = strcspn(permission, "|");
			char one[NAME_SIZE];

			(void)snprintf(one, sizeof(one), "%.*s", (int)len, permission);
			json_text(out, NULL, one);
			permission += len;
			permission += strspn(permission, "|");
		}
	json_close(out, ']');
}

/* "GET /ws/client/ji/{id}" is get_client_ji_id. */
static void
write_id(struct json_out *out, const char *method, const char *path)
{
	struct buf id = BUF_INIT(NAME_SIZE);
	bool word = true;

	for (const char *c = method; *c != '\0'; c++)
		buf_putc(&id, (char)tolower((unsigned char)*c));
	for (const char *c = path + (str_starts(path, PREFIX) ? strlen(PREFIX) - 1 : 0); *c != '\0';
	     c++) {
		bool is_word = isalnum((unsigned char)*c) != 0;

		if (is_word && !word)
			buf_putc(&id, '_');
		if (is_word)
			buf_putc(&id, *c);
		word = is_word;
	}
	json_text(out, "operationId", buf_text(&id));
	buf_free(&id);
}

void
openapi_operation_write(struct json_out *out, const struct route *route)
{
	static const char *const tags[] = {
		"simple", "client", "admin", "pki", "account", "other"
	};
	char method[NAME_SIZE];
	size_t len = 0;

	for (; len < sizeof(method) - 1 && route->method[len] != '\0'; len++)
		method[len] = (char)tolower((unsigned char)route->method[len]);
	method[len] = '\0';
	json_open(out, method, '{');
	write_id(out, route->method, route->path);
	json_open(out, "tags", '[');
	json_text(out, NULL, tags[route->api]);
	json_close(out, ']');
	json_text(out, "summary", route->summary);
	if (route->note != NULL)
		json_text(out, "description", route->note);
	write_permission(out, route->permission);
	json_bool(out, "x-job-token", (route->limits & ROUTE_FOR_JOBS) != 0);
	if (is_public(route)) {
		json_open(out, "security", '[');
		json_close(out, ']');
	}
	write_parameters(out, route);
	write_body(out, route);
	write_responses(out, route);
	json_close(out, '}');
}
