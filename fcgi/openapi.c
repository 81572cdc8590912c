/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/openapi.h"

#include <string.h>

#include "base/buf.h"
#include "codec/doc_schema.h"
#include "codec/docs.h"
#include "codec/json_out.h"
#include "fcgi/openapi_example.h"
#include "fcgi/openapi_operation.h"
#include "fcgi/route.h"
#include "model/version.h"

/* What holds for all paths. */
static const char description[] =
    "The web API of JQM.  "
    "GET serves HEAD too.  OPTIONS is answered with 204 and Allow.  An unknown path is 404, a "
    "method that a path does not "
    "have 405, for those who are logged in; to others everything is 401.  "
    "x-permission names the permissions of which the caller needs one; none: any login will do.  "
    "x-job-token: a job may call it with the login and password it finds in its environment.  "
    "Members that are not known are ignored in what is sent; numbers and booleans may be sent as "
    "texts.  "
    "In XML, members that are null are left out, and so are lists without a wrapper that are "
    "empty.  "
    "A segment of a path that x-segments says is many takes slashes as they are.";

/* How one logs in; any one will do. */
static const struct {
	const char *name, *type, *scheme, *cookie, *description;
} schemes[] = {
	{ "basic", "http", "basic", NULL,
	  "login and password of an account, or a job's own token" },
	{ "certificate", "mutualTLS", NULL, NULL, "a client certificate that means an account" },
	{ "session", "apiKey", NULL, "jqm-session",
	  "the cookie that POST /ws/session sets; over TLS it is called __Host-jqm-session" },
};
#define SCHEMES (sizeof(schemes) / sizeof(schemes[0]))

static void
write_info(struct json_out *out)
{
	json_text(out, "openapi", "3.1.0");
	json_open(out, "info", '{');
	json_text(out, "title", "JQM");
	json_text(out, "version", JQM_VERSION);
	json_text(out, "description", description);
	json_open(out, "license", '{');
	json_text(out, "name", "Apache-2.0");
	json_text(out, "identifier", "Apache-2.0");
	json_close(out, '}');
	json_close(out, '}');
	json_open(out, "servers", '[');
	json_open(out, NULL, '{');
	json_text(out, "url", "/");
	json_close(out, '}');
	json_close(out, ']');
	json_open(out, "security", '[');
	for (size_t i = 0; i < SCHEMES; i++) {
		json_open(out, NULL, '{');
		json_open(out, schemes[i].name, '[');
		json_close(out, ']');
		json_close(out, '}');
	}
	json_close(out, ']');
}

static void
write_tags(struct json_out *out)
{
	static const char *const tags[][2] = {
		{ "simple", "forms and plain text, for scripts" },
		{ "client", "submit, follow and steer jobs" },
		{ "admin", "configuration" },
		{ "pki", "certificates of the authority, for everybody" },
		{ "account", "logging in, and one's own account" },
		{ "other", "about the API itself" },
	};

	json_open(out, "tags", '[');
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		json_open(out, NULL, '{');
		json_text(out, "name", tags[i][0]);
		json_text(out, "description", tags[i][1]);
		json_close(out, '}');
	}
	json_close(out, ']');
}

/* "/a/{rest*}" is "/a/{rest}" in OpenAPI. */
static void
open_path(struct json_out *out, const char *path)
{
	struct buf plain = BUF_INIT(1000);

	for (const char *c = path; *c != '\0'; c++)
		if (*c != '*')
			buf_putc(&plain, *c);
	json_open(out, buf_text(&plain), '{');
	buf_free(&plain);
}

/* All methods of a path stand together, at the place of the first. */
static void
write_paths(struct json_out *out, const struct route *table, size_t len)
{
	json_open(out, "paths", '{');
	for (size_t i = 0; i < len; i++) {
		size_t first = 0;

		while (strcmp(table[first].path, table[i].path) != 0)
			first++;
		if (first < i)
			continue;
		open_path(out, table[i].path);
		for (size_t j = i; j < len; j++)
			if (strcmp(table[j].path, table[i].path) == 0)
				openapi_operation_write(out, &table[j]);
		json_close(out, '}');
	}
	json_close(out, '}');
}

static void
write_security_schemes(struct json_out *out)
{
	json_open(out, "securitySchemes", '{');
	for (size_t i = 0; i < SCHEMES; i++) {
		json_open(out, schemes[i].name, '{');
		json_text(out, "type", schemes[i].type);
		if (schemes[i].scheme != NULL)
			json_text(out, "scheme", schemes[i].scheme);
		if (schemes[i].cookie != NULL) {
			json_text(out, "in", "cookie");
			json_text(out, "name", schemes[i].cookie);
		}
		json_text(out, "description", schemes[i].description);
		json_close(out, '}');
	}
	json_close(out, '}');
}

static void
write_schemas(struct json_out *out, const struct route *table, size_t len, bool dates_as_text)
{
	struct doc_schemas answers = { .len = 0 }, inputs = { .len = 0 };

	doc_schemas_add(&answers, &error_report_doc);
	doc_schemas_add(&answers, &import_error_report_doc);
	for (size_t i = 0; i < len; i++) {
		if (table[i].out != NULL)
			doc_schemas_add(&answers, table[i].out);
		if (table[i].in != NULL)
			doc_schemas_add(&inputs, table[i].in);
		if (table[i].takes == SHAPE_JOBS)
			doc_schemas_add(&inputs, &job_query_doc);
	}
	json_open(out, "schemas", '{');
	for (size_t i = 0; i < answers.len; i++)
		doc_schema_write(out, answers.types[i], DOC_SCHEMA_ANSWER, dates_as_text);
	for (size_t i = 0; i < inputs.len; i++)
		doc_schema_write(out, inputs.types[i], DOC_SCHEMA_INPUT, dates_as_text);
	json_close(out, '}');
}

void
openapi_write(const struct route *table, size_t len, bool dates_as_text, struct buf *out)
{
	struct json_out json = { .buf = out };

	json_open(&json, NULL, '{');
	write_info(&json);
	write_tags(&json);
	write_paths(&json, table, len);
	json_open(&json, "components", '{');
	write_security_schemes(&json);
	openapi_refusals_write(&json);
	write_schemas(&json, table, len, dates_as_text);
	openapi_examples_write(&json, table, len, dates_as_text);
	json_close(&json, '}');
	json_close(&json, '}');
}
