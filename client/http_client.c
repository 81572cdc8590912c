/* SPDX-License-Identifier: Apache-2.0 */
#include "client/http_client.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "base/err.h"
#include "base/num.h"
#include "base/str.h"
#include "model/version.h"

#define CONNECT_TIMEOUT_S 10L
#define STALL_S 60L /* without a byte for so long the server is taken for dead */
#define URL_MAX 4000

struct http_client {
	CURL *curl;
	char *url; /* without trailing slash */
	char error[CURL_ERROR_SIZE];
};

/* One call while it runs. */
struct call {
	struct http_client *client;
	const struct http_request *request;
	struct http_reply *reply;
	struct err *err;
	bool sink_failed;
};

/* "http://host:port" and nothing that could hide another host or a password. */
static int
check_url(const char *url, struct err *err)
{
	const char *host = NULL;

	if (str_starts(url, "http://"))
		host = url + 7;
	else if (str_starts(url, "https://"))
		host = url + 8;
	/* What stands before it may be a password, which is nobody's to read. */
	if (host != NULL && strchr(host, '@') != NULL)
		return err_set(err, ERR_INVALID,
			       "the address of a server has no account and no password in it");
	if (host == NULL || host[0] == '\0' || host[0] == '/' || strpbrk(host, "?# \t\r\n") != NULL)
		return err_set(err, ERR_INVALID,
			       "\"%s\" is no address of a server, such as http://127.0.0.1:1789",
			       url);
	return 0;
}

static void
set_tls(CURL *curl, const struct http_tls *tls)
{
	(void)curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (tls->ca_file != NULL) {
		(void)curl_easy_setopt(curl, CURLOPT_CAINFO, tls->ca_file);
		(void)curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
	}
	if (tls->ca_pem != NULL) {
		union {
			const char *text;
			void *data;
		} pem = { .text = tls->ca_pem }; /* copied; libcurl's struct knows no const */
		struct curl_blob blob = { pem.data, strlen(tls->ca_pem), CURL_BLOB_COPY };

		(void)curl_easy_setopt(curl, CURLOPT_CAINFO_BLOB, &blob);
		(void)curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
	}
	if (tls->certificate == NULL)
		return;
	(void)curl_easy_setopt(curl, CURLOPT_SSLCERT, tls->certificate);
	(void)curl_easy_setopt(curl, CURLOPT_SSLKEY,
			       tls->key == NULL ? tls->certificate : tls->key);
}

struct http_client *
http_client_new(const char *url, const char *user, const char *password, const struct http_tls *tls,
		struct err *err)
{
	struct http_client *client;
	size_t len = strlen(url);

	if (check_url(url, err) == -1)
		return NULL;
	client = calloc(1, sizeof(*client));
	if (client == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != 0 ||
	    (client->curl = curl_easy_init()) == NULL) {
		(void)err_set(err, ERR_INTERNAL, "could not make an HTTP client");
		free(client);
		return NULL;
	}
	client->url = str_dup(url);
	while (len > 0 && client->url[len - 1] == '/')
		client->url[--len] = '\0';
	(void)curl_easy_setopt(client->curl, CURLOPT_PROTOCOLS_STR, "http,https");
	(void)curl_easy_setopt(client->curl, CURLOPT_NOPROXY, "*");
	(void)curl_easy_setopt(client->curl, CURLOPT_USERAGENT, "jqm/" JQM_VERSION);
	(void)curl_easy_setopt(client->curl, CURLOPT_CONNECTTIMEOUT, CONNECT_TIMEOUT_S);
	(void)curl_easy_setopt(client->curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
	(void)curl_easy_setopt(client->curl, CURLOPT_LOW_SPEED_TIME, STALL_S);
	(void)curl_easy_setopt(client->curl, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(client->curl, CURLOPT_ERRORBUFFER, client->error);
	set_tls(client->curl, tls);
	if (user != NULL && password != NULL) {
		(void)curl_easy_setopt(client->curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
		(void)curl_easy_setopt(client->curl, CURLOPT_USERNAME, user);
		(void)curl_easy_setopt(client->curl, CURLOPT_PASSWORD, password);
	}
	return client;
}

void
http_client_set(struct http_client *client, const char *program, unsigned patience_s)
{
	if (program != NULL)
		(void)curl_easy_setopt(client->curl, CURLOPT_USERAGENT, program);
	if (patience_s > 0) {
		(void)curl_easy_setopt(client->curl, CURLOPT_LOW_SPEED_TIME, (long)patience_s);
		(void)curl_easy_setopt(client->curl, CURLOPT_CONNECTTIMEOUT,
				       patience_s < CONNECT_TIMEOUT_S ? (long)patience_s
								      : CONNECT_TIMEOUT_S);
	}
}

const char *
http_client_url(const struct http_client *client)
{
	return client->url;
}

void
http_client_free(struct http_client *client)
{
	if (client == NULL)
		return;
	curl_easy_cleanup(client->curl);
	free(client->url);
	free(client);
}

void
http_reply_free(struct http_reply *reply)
{
	buf_free(&reply->body);
}

void
http_content_range(const char *value, struct http_reply *reply)
{
	char text[100];
	char *start = text, *dash, *slash;
	int64_t from = -1, total;

	if (!str_starts(value, "bytes ") || str_copy(text, sizeof(text), value + 6) == -1)
		return;
	(void)str_trim(text);
	slash = strchr(text, '/');
	if (slash == NULL)
		return;
	*slash = '\0';
	dash = strchr(text, '-');
	if (dash != NULL) {
		*dash = '\0';
		if (num_int64(start, 0, INT64_MAX, &from) == -1)
			return;
	} else if (strcmp(text, "*") != 0) {
		return;
	}
	if (num_int64(slash + 1, 0, INT64_MAX, &total) == -1)
		return;
	reply->range_start = from;
	reply->range_total = total;
}

/* The value of header line if it is called name, trimmed into out; NULL if not (or too long). */
static const char *
header_value(const char *line, size_t len, const char *name, char *out, size_t size)
{
	size_t name_len = strlen(name);

	if (len <= name_len || strncasecmp(line, name, name_len) != 0 || line[name_len] != ':' ||
	    len - name_len > size)
		return NULL;
	memcpy(out, line + name_len + 1, len - name_len - 1);
	out[len - name_len - 1] = '\0';
	return str_trim(out);
}

static size_t
on_header(char *line, size_t size, size_t n, void *arg)
{
	struct call *call = arg;
	struct http_reply *reply = call->reply;
	char room[1024];
	const char *value;
	size_t len = size * n;

	if (len > 5 && strncmp(line, "HTTP/", 5) == 0) {
		/* A new status line (100 Continue went before): forget the last one's headers. */
		reply->content_type[0] = reply->disposition[0] = reply->etag[0] = '\0';
		reply->certificate_password[0] = '\0';
		reply->range_total = reply->range_start = -1;
		reply->attempt = reply->newest_attempt = 0;
	} else if ((value = header_value(line, len, "content-type", room, sizeof(room))) != NULL) {
		room[strcspn(room, "; \t")] = '\0';
		(void)str_copy(reply->content_type, sizeof(reply->content_type), value);
	} else if ((value = header_value(line, len, "content-disposition", room, sizeof(room))) !=
		   NULL) {
		(void)str_copy(reply->disposition, sizeof(reply->disposition), value);
	} else if ((value = header_value(line, len, "jqm-certificate-password", room,
					 sizeof(room))) != NULL) {
		(void)str_copy(reply->certificate_password, sizeof(reply->certificate_password),
			       value);
	} else if ((value = header_value(line, len, "etag", room, sizeof(room))) != NULL) {
		(void)str_copy(reply->etag, sizeof(reply->etag), value);
	} else if ((value = header_value(line, len, "content-range", room, sizeof(room))) != NULL) {
		http_content_range(value, reply);
	} else if ((value = header_value(line, len, "jqm-attempt", room, sizeof(room))) != NULL) {
		(void)num_int64(value, 1, INT32_MAX, &reply->attempt);
	} else if ((value = header_value(line, len, "jqm-newest-attempt", room, sizeof(room))) !=
		   NULL) {
		(void)num_int64(value, 1, INT32_MAX, &reply->newest_attempt);
	}
	return len;
}

static size_t
on_body(char *data, size_t size, size_t n, void *arg)
{
	struct call *call = arg;
	long status = 0;
	size_t len = size * n;

	(void)curl_easy_getinfo(call->client->curl, CURLINFO_RESPONSE_CODE, &status);
	if (call->request->sink != NULL && (status == 200 || status == 206)) {
		call->reply->status = status;
		call->sink_failed =
		    call->request->sink(call->request->sink_arg, data, len, call->err) == -1;
		return call->sink_failed ? 0 : len;
	}
	buf_append(&call->reply->body, data, len);
	return call->reply->body.failed ? 0 : len;
}

static int
add_header(struct curl_slist **list, const char *text)
{
	struct curl_slist *longer = curl_slist_append(*list, text);

	if (longer == NULL)
		return -1;
	*list = longer;
	return 0;
}

/* The headers of request into *list_out (to be freed in any case): 0, or -1. */
static int
make_headers(const struct http_request *request, struct curl_slist **list_out)
{
	char text[200];

	/* Nobody asks us to go on: send the body at once. */
	if (add_header(list_out, "Expect:") == -1)
		return -1;
	if (request->sink == NULL &&
	    add_header(list_out, "Accept: application/json, */*;q=0.5") == -1)
		return -1;
	(void)snprintf(text, sizeof(text), "Content-Type:%s%s",
		       request->content_type == NULL ? "" : " ",
		       request->content_type == NULL ? "" : request->content_type);
	if (add_header(list_out, text) == -1)
		return -1;
	if (request->if_match != NULL && request->if_match[0] != '\0') {
		(void)snprintf(text, sizeof(text), "If-Match: %s", request->if_match);
		if (add_header(list_out, text) == -1)
			return -1;
	}
	if (request->has_range) {
		(void)snprintf(text, sizeof(text), "Range: bytes=%" PRId64 "-",
			       request->range_from);
		return add_header(list_out, text);
	}
	return 0;
}

static void
set_request(CURL *curl, const char *url, const struct http_request *request, struct call *call)
{
	(void)curl_easy_setopt(curl, CURLOPT_URL, url);
	if (strcmp(request->method, "GET") == 0) {
		(void)curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
	} else {
		(void)curl_easy_setopt(curl, CURLOPT_POST, 1L);
		(void)curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
				       (curl_off_t)request->body_len);
		(void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS,
				       request->body == NULL ? "" : request->body);
	}
	(void)curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
	/* On a kept connection that just closed libcurl would send it again by itself. */
	(void)curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, http_is_order(request) ? 1L : 0L);
	(void)curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
	(void)curl_easy_setopt(curl, CURLOPT_HEADERDATA, call);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, call);
}

bool
http_is_order(const struct http_request *request)
{
	return strcmp(request->method, "GET") != 0 && !request->changes_nothing;
}

/* Why there is no answer, and whether the server may have acted all the same. */
static int
not_answered(const struct http_client *client, const struct http_request *request, CURLcode code,
	     struct err *err)
{
	const char *why = client->error[0] == '\0' ? curl_easy_strerror(code) : client->error;
	long sent_bytes = 0;

	(void)curl_easy_getinfo(client->curl, CURLINFO_REQUEST_SIZE, &sent_bytes);
	if (sent_bytes == 0 || !http_is_order(request))
		return err_set(err, ERR_BUSY, "cannot reach %s: %s", client->url, why);
	return err_set(err, ERR_UNCERTAIN,
		       "no answer from %s: %s; it may or may not have been done, look before you "
		       "repeat it",
		       client->url, why);
}

int
http_uncertain(struct err *err)
{
	err->kind = ERR_UNCERTAIN;
	return err_prefix(err, "it may or may not have been done, look before you repeat it");
}

int
http_call(struct http_client *client, const struct http_request *request, struct http_reply *reply,
	  struct err *err)
{
	struct call call = { client, request, reply, err, false };
	struct curl_slist *headers = NULL;
	char url[URL_MAX];
	CURLcode code;
	int rc = -1;

	if ((size_t)snprintf(url, sizeof(url), "%s%s", client->url, request->path) >= sizeof(url))
		return err_set(err, ERR_INVALID, "the address of the request is too long");
	if (make_headers(request, &headers) == -1) {
		(void)err_set(err, ERR_INTERNAL, "out of memory");
		goto cleanup;
	}
	set_request(client->curl, url, request, &call);
	(void)curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, headers);
	client->error[0] = '\0';
	code = curl_easy_perform(client->curl);
	(void)curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, NULL);
	if (call.sink_failed)
		goto cleanup;
	if (buf_check(&reply->body, err) == -1) {
		if (http_is_order(request))
			(void)http_uncertain(err);
		goto cleanup;
	}
	if (code != CURLE_OK) {
		(void)not_answered(client, request, code, err);
		goto cleanup;
	}
	(void)curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &reply->status);
	rc = 0;

cleanup:
	curl_slist_free_all(headers);
	return rc;
}
