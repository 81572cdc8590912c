/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client/http_client.h: requests to one server as one account (the only includer of libcurl).
 *
 * http and https only; redirects are not followed; certificates and host names are verified; no
 * total time limit (files are big) but a connection must come within 10 s and bytes keep coming.
 */
#ifndef CLIENT_HTTP_CLIENT_H
#define CLIENT_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct err;
struct http_client;

struct http_request {
	const char *method; /* "GET" */
	const char *path; /* "/ws/client/ji"; query included */
	const char *content_type; /* of the body; NULL: no body */
	const char *body;
	size_t body_len;
	bool changes_nothing; /* a question, whatever its method */
	const char *if_match; /* do it to that state only; NULL: whatever it is */
	bool has_range; /* ask for the bytes from range_from on */
	int64_t range_from;
	/* Takes the bytes of a 200 or 206 as they come; 0, or -1 to stop with an err of its own.  NULL: all
	 * goes to reply->body. */
	int (*sink)(void *arg, const char *data, size_t len, struct err *err);
	void *sink_arg;
};

struct http_reply {
	long status;
	struct buf body; /* capped at HTTP_BODY_MAX; what the sink did not take */
	char content_type[100]; /* "" when none; without parameters */
	char etag[100]; /* "" when none */
	char disposition[1024]; /* Content-Disposition; "" when none */
	char certificate_password[64]; /* of a PKCS#12 file; "" when none is told */
	int64_t range_total; /* N of "Content-Range: bytes a-b/N" or of a 416; -1 when none */
	int64_t range_start; /* a; -1 when none */
	int64_t attempt,
	    newest_attempt; /* of a log: JQM-Attempt, JQM-Newest-Attempt; 0 when none */
};
#define HTTP_BODY_MAX (64u * 1024 * 1024)
#define HTTP_REPLY_INIT                                                               \
	{                                                                             \
		.body = BUF_INIT(HTTP_BODY_MAX), .range_total = -1, .range_start = -1 \
	}

/* Files of TLS, PEM. */
struct http_tls {
	const char *ca_file; /* whom to trust; NULL: the system's authorities */
	const char *ca_pem; /* their certificates as they are, in place of a file; NULL: none */
	const char *certificate, *key; /* NULL: none is shown; key NULL: it is in the same file */
};

/* url: "http://host:port", without path; user and password NULL: anonymous (all is copied).  NULL with
 * err when url is none. */
struct http_client *http_client_new(const char *url, const char *user, const char *password,
				    const struct http_tls *tls, struct err *err);
void http_client_free(struct http_client *client);

/* Who calls, NULL: this program's default; how long a server of which nothing comes is waited for, 0: 60 s. */
void http_client_set(struct http_client *client, const char *program, unsigned patience_s);

/* Where it calls, without trailing slash. */
const char *http_client_url(const struct http_client *client);

/*
 * Send one request and read its whole answer.  0 whatever the status is; -1 with ERR_BUSY (not
 * reached, connection lost before or while the answer came), ERR_UNCERTAIN (the same of an order
 * once it was sent, and an answer to it that is too large), ERR_TOO_LARGE, or the sink's err.
 */
int http_call(struct http_client *client, const struct http_request *request,
	      struct http_reply *reply, struct err *err);

/* Would it change something at the server?  All but GET, unless it says otherwise. */
bool http_is_order(const struct http_request *request);

/* Of an order that was sent the server said what err says, and not whether it was done: ERR_UNCERTAIN; always -1. */
int http_uncertain(struct err *err);

void http_reply_free(struct http_reply *reply);

/* Parse the value of a Content-Range header into reply.  Wrong ones leave it as it was. */
void http_content_range(const char *value, struct http_reply *reply);

#endif
