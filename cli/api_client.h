/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/api_client.h: calls of the web API that jqm.h does not have: administration, and links, which a web service only can give.
 * They go over the handle of server.h.
 *
 * Every function returns 0, or -1 with an err whose text is the server's own and whose kind follows its status
 * (client/http_refusal.h); or as web_request().  An order whose answer makes no sense: ERR_UNCERTAIN.  json (may be NULL)
 * gets the document as the server sent it; structs live in memory.
 */
#ifndef CLI_API_CLIENT_H
#define CLI_API_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct api;
struct buf;
struct cli;
struct doc_given;
struct err;
struct memory;
struct text_list;
struct transfer_report;

/* Most bytes of a document, either way. */
#define API_DOCUMENT_MAX (64u * 1024 * 1024)

/* Find configuration and password; connects at the first call.  NULL with err. */
struct api *api_open(const struct cli *cli, struct err *err);
void api_close(struct api *api);

/* A GET of a document of that type, or of a list of these (out: struct wire_items); type NULL: only json. */
struct wire_object;
int api_get(struct api *api, const char *path, const struct wire_object *type, bool is_list,
	    struct memory *memory, void *out, struct buf *json, struct err *err);

/* Order a purge of history, or count what it would take. */
struct purge;
int api_purge(struct api *api, int64_t age_s, bool dry_run, struct memory *memory,
	      struct purge *out, struct buf *json, struct err *err);

/* The state of the last document that was got, for api_put_back(); borrowed until the next call. */
const char *api_etag(const struct api *api);

/* A JSON document to be stored. */
int api_send(struct api *api, const char *method, const char *path, const char *json,
	     struct err *err);

/* The same for a call that answers with a document. */
int api_exchange(struct api *api, const char *method, const char *path, const char *json,
		 const struct wire_object *type, struct memory *memory, void *out,
		 struct buf *answer, struct err *err);

/*
 * Put an object that was got from path back, changed: all of its members, but of lists of objects only those that said
 * (NULL: none) has; and only if it is still in the state (of api_etag()) it was read in, else ERR_STALE.
 */
int api_put_back(struct api *api, const char *path, const struct wire_object *type, void *object,
		 const struct doc_given *said, const char *state, struct memory *memory,
		 struct err *err);

/* An order: no body, no answer but that it was done. */
int api_do(struct api *api, const char *method, const char *path, struct err *err);

/* A file to path.  problems (in memory): all that is wrong with it, when the server tells. */
int api_import(struct api *api, const char *path, const char *xml, size_t len,
	       struct memory *memory, struct transfer_report *out, struct text_list *problems,
	       struct buf *json, struct err *err);

/* A link to a file (its number or GUID) for so many seconds (0: as the server likes); *url_out: all of its address,
 * fresh memory.  api_links_revoke(): how many links of the caller's opened it. */
struct file_link;
int api_link(struct api *api, const char *file, int64_t seconds, struct memory *memory,
	     struct file_link *out, char **url_out, struct buf *json, struct err *err);
int api_links_revoke(struct api *api, const char *file, struct buf *json, struct err *err);

/*
 * A GET whose bytes go to sink.  certificate_password (NULL: not wanted) gets the password of the archive they are; "" when the
 * server tells none.
 */
#define API_PASSWORD_SIZE 64
int api_fetch(struct api *api, const char *path,
	      int (*sink)(void *arg, const char *data, size_t len, struct err *err), void *arg,
	      char certificate_password[API_PASSWORD_SIZE], struct err *err);

#endif
