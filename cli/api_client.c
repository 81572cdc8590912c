/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/api_client.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "cli/server.h"
#include "client/http_refusal.h"
#include "client/web_request.h"
#include "codec/doc_json.h"
#include "codec/doc_json_given.h"
#include "codec/docs.h"
#include "model/error_report.h"
#include "model/file_link.h"
#include "model/job_def.h"
#include "model/memory.h"

#define JSON "application/json"

struct api {
	struct jqm *server;
	char etag[100]; /* of the last document; "" when it had none */
};

struct api *
api_open(const struct cli *cli, struct err *err)
{
	struct jqm *server = server_open(cli, err);
	struct api *api;

	if (server == NULL)
		return NULL;
	api = calloc(1, sizeof(*api));
	if (api == NULL)
		abort();
	api->server = server;
	return api;
}

void
api_close(struct api *api)
{
	if (api == NULL)
		return;
	jqm_free(&api->server);
	free(api);
}

/* The document of a reply (type NULL: nothing); *out is of the C struct of type. */
static int
read_reply(struct api *api, const struct http_request *request, const struct http_reply *reply,
	   const struct wire_object *type, bool is_list, struct memory *memory, void *out,
	   struct buf *json, struct err *err)
{
	const char *text = buf_text(&reply->body);
	int rc;

	if (reply->status < 200 || reply->status > 299)
		return http_refused(request, reply, err);
	(void)str_copy(api->etag, sizeof(api->etag), reply->etag);
	if (type == NULL && json == NULL && reply->status != 204)
		rc = err_set(err, ERR_INTERNAL, "status %ld where 204 is due", reply->status);
	else if (type == NULL)
		rc = 0;
	else if (is_list)
		rc = doc_json_read_list(type, text, reply->body.len, memory, out, err);
	else
		rc = doc_json_read(type, text, reply->body.len, memory, out, err);
	if (rc == -1) {
		err->kind = ERR_INTERNAL;
		(void)err_prefix(err, "the server's answer is not understood");
		return http_is_order(request) ? http_uncertain(err) : -1;
	}
	if (json != NULL)
		buf_append(json, text, reply->body.len);
	return 0;
}

/* One call whose answer is a document. */
static int
call_for_document(struct api *api, const struct http_request *request,
		  const struct wire_object *type, bool is_list, struct memory *memory, void *out,
		  struct buf *json, struct err *err)
{
	struct http_reply reply = HTTP_REPLY_INIT;
	int rc = web_request(api->server, request, &reply, err);

	if (rc == 0)
		rc = read_reply(api, request, &reply, type, is_list, memory, out, json, err);
	http_reply_free(&reply);
	return rc;
}

int
api_get(struct api *api, const char *path, const struct wire_object *type, bool is_list,
	struct memory *memory, void *out, struct buf *json, struct err *err)
{
	struct http_request request = { .method = "GET", .path = path };

	return call_for_document(api, &request, type, is_list, memory, out, json, err);
}

const char *
api_etag(const struct api *api)
{
	return api->etag;
}

int
api_send(struct api *api, const char *method, const char *path, const char *json, struct err *err)
{
	return api_exchange(api, method, path, json, NULL, NULL, NULL, NULL, err);
}

int
api_exchange(struct api *api, const char *method, const char *path, const char *json,
	     const struct wire_object *type, struct memory *memory, void *out, struct buf *answer,
	     struct err *err)
{
	struct http_request call = { .method = method,
				     .path = path,
				     .content_type = JSON,
				     .body = json,
				     .body_len = strlen(json) };

	return call_for_document(api, &call, type, false, memory, out, answer, err);
}

int
api_put_back(struct api *api, const char *path, const struct wire_object *type, void *object,
	     const struct doc_given *said, const char *state, struct memory *memory,
	     struct err *err)
{
	struct doc_given given = { memory_alloc_array(memory, type->fields_len,
						      sizeof(given.members[0])) };
	struct wire_items items = { object, 1 };
	struct buf json = BUF_INIT(API_DOCUMENT_MAX);
	int rc;

	for (size_t i = 0; i < type->fields_len; i++)
		given.members[i].there = type->fields[i].type != WIRE_OBJECT_LIST ||
					 (said != NULL && said->members[i].there);
	doc_json_given_write(type, &items, &given, false, &json);
	rc = buf_check(&json, err);
	if (rc == 0) {
		struct http_request call = { .method = "PUT",
					     .path = path,
					     .content_type = JSON,
					     .body = json.data,
					     .body_len = json.len,
					     .if_match = memory_dup(memory, state) };

		rc = call_for_document(api, &call, NULL, false, NULL, NULL, NULL, err);
	}
	buf_forget(&json); /* it may have a new password */
	return rc;
}

int
api_do(struct api *api, const char *method, const char *path, struct err *err)
{
	struct http_request call = { .method = method, .path = path };

	return call_for_document(api, &call, NULL, false, NULL, NULL, NULL, err);
}

int
api_purge(struct api *api, int64_t age_s, bool dry_run, struct memory *memory, struct purge *out,
	  struct buf *json, struct err *err)
{
	char path[80];
	struct http_request call = { .method = "DELETE", .path = path };

	(void)snprintf(path, sizeof(path), "/ws/admin/history?olderThan=%" PRId64 "s%s", age_s,
		       dry_run ? "&dryRun=true" : "");
	return call_for_document(api, &call, &purge_doc, false, memory, out, json, err);
}

/* "/ws/client/ji/files/<file>/link<query>" in fresh memory; NULL: file is neither a number nor a GUID. */
static char *
link_path(const char *file, const char *query, struct err *err)
{
	if (file[0] != '\0' && file[strspn(file, "0123456789abcdefABCDEF-")] == '\0')
		return str_printf("/ws/client/ji/files/%s/link%s", file, query);
	(void)err_set(err, ERR_INVALID, "\"%.100s\" is no GUID of a file", file);
	return NULL;
}

int
api_link(struct api *api, const char *file, int64_t seconds, struct memory *memory,
	 struct file_link *out, char **url_out, struct buf *json, struct err *err)
{
	char query[40] = "";
	struct http_request call = { .method = "POST" };
	char *path;
	int rc = -1;

	if (seconds > 0)
		(void)snprintf(query, sizeof(query), "?seconds=%" PRId64, seconds);
	call.path = path = link_path(file, query, err);
	if (path != NULL)
		rc = call_for_document(api, &call, &file_link_doc, false, memory, out, json, err);
	free(path);
	if (rc == 0)
		*url_out = str_printf("%s%s", web_request_url(api->server, err), out->url);
	return rc;
}

int
api_links_revoke(struct api *api, const char *file, struct buf *json, struct err *err)
{
	struct http_request call = { .method = "DELETE" };
	char *path;
	int rc = -1;

	call.path = path = link_path(file, "", err);
	if (path != NULL)
		rc = call_for_document(api, &call, NULL, false, NULL, NULL, json, err);
	free(path);
	return rc;
}

int
api_import(struct api *api, const char *path, const char *xml, size_t len, struct memory *memory,
	   struct transfer_report *out, struct text_list *problems, struct buf *json,
	   struct err *err)
{
	struct http_request call = { .method = "POST",
				     .path = path,
				     .content_type = "application/xml",
				     .body = xml,
				     .body_len = len };
	struct http_reply reply = HTTP_REPLY_INIT;
	struct error_report report;
	struct err ignored = ERR_INIT;
	int rc = web_request(api->server, &call, &reply, err);

	problems->len = 0;
	if (rc == 0)
		rc = read_reply(api, &call, &reply, &transfer_report_doc, false, memory, out, json,
				err);
	if (rc == -1 && reply.status == 400 &&
	    doc_json_read(&import_error_report_doc, buf_text(&reply.body), reply.body.len, memory,
			  &report, &ignored) == 0)
		*problems = report.problems;
	http_reply_free(&reply);
	return rc;
}

int
api_fetch(struct api *api, const char *path,
	  int (*sink)(void *arg, const char *data, size_t len, struct err *err), void *arg,
	  char certificate_password[API_PASSWORD_SIZE], struct err *err)
{
	struct http_request call = { .method = "GET", .path = path, .sink = sink, .sink_arg = arg };
	struct http_reply reply = HTTP_REPLY_INIT;
	int rc = web_request(api->server, &call, &reply, err);

	if (rc == 0 && reply.status != 200 && reply.status != 204)
		rc = http_refused(&call, &reply, err);
	if (rc == 0 && certificate_password != NULL)
		(void)str_copy(certificate_password, API_PASSWORD_SIZE, reply.certificate_password);
	explicit_bzero(reply.certificate_password, sizeof(reply.certificate_password));
	http_reply_free(&reply);
	return rc;
}
