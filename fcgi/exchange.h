/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/exchange.h: one request and its answer while they travel along the pipeline.
 *
 * Everything allocated for an exchange belongs to its arena and is freed in one go when the answer
 * has been sent; handlers never free anything they got from here.
 */
#ifndef FCGI_EXCHANGE_H
#define FCGI_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "fcgi/deferred.h"
#include "model/value.h"

struct db;
struct err;
struct settings;
struct route;
struct arena;
struct guards;
struct memory;
struct FCGX_Request;
struct text_list;

/* What the caller sent.  Texts are never NULL unless said; all are valid UTF-8 (checked on entry). */
struct request {
	const char *method; /* "GET"; HEAD arrives as "HEAD" and matches GET routes */
	const char *path; /* as sent, still percent-encoded, without query */
	const char *query; /* after '?', "" when none */
	const char *content_type; /* without parameters, lower case; "" when none */
	const char *accept; /* "" when none */
	const char *authorization; /* NULL when none */
	const char *remote_addr;
	const char *request_id; /* nginx's $request_id: the same in its log and ours */
	const char
	    *certificate_verify; /* "NONE", "SUCCESS", "FAILED:reason"; only nginx can set these */
	const char *certificate; /* the client's own, PEM, percent-encoded; "" when none */
	bool ajax; /* X-Requested-With: XMLHttpRequest */
	bool java_client; /* User-Agent: Jersey/...: JQM's Java client, and no browser */
	bool tls; /* the caller speaks TLS with nginx */
	const char *cookie; /* "a=b; c=d"; "" when none */
	const char *host, *origin, *fetch_site; /* Host, Origin, Sec-Fetch-Site; "" when none */
	const char *
	    login_queue; /* of nginx: "open": it can let this request wait and ask again; "waited": it has; "":
				  * there is none */
	const char *if_match, *if_none_match; /* "" when none */
	const char *range, *if_range; /* any bytes; "" when none */
	const char *last_event_id; /* "" when none */
	const char *idempotency_key; /* any bytes; "" when none */
	const char *trace_parent; /* any bytes; "" when none */
	const char *body; /* body_len bytes and a NUL; "" when none */
	size_t body_len;
	long long announced_len; /* as the caller said; 0: no body */
};

/* Who is asking. */
/* NODE: another node of the cluster, through a door that is for nodes only; it asks for who has asked it. */
enum identity_kind { IDENTITY_NOBODY, IDENTITY_ACCOUNT, IDENTITY_JOB, IDENTITY_NODE };
struct identity {
	enum identity_kind kind;
	const char *login; /* "root", "job-42", "node:n2"; "" for nobody */
	const char *credential; /* how that is known, for the audit trail; NULL for nobody */
	int64_t account_id; /* ACCOUNT; 0 for who need not log in (authn_open.c) */
	int64_t account_version; /* ACCOUNT: the state it was found in */
	int64_t account_stamp; /* the same of all that decides what it may do */
	int64_t session_id; /* ACCOUNT: of the session it came in; 0: by other credentials */
	bool by_password; /* ACCOUNT: the request has its password, and it is right */
	int64_t job_id; /* JOB: may touch its own subtree only */
	int64_t job_attempt; /* JOB: the one the token was made for */
	const char *job_user; /* JOB: the user its children get when they name none; may be "" */
	const char *job_submitter; /* JOB: who is behind it; NULL: nobody, a schedule made it */
	int64_t job_account_id; /* JOB: the account that is; 0: none */
	const char *const *job_permissions; /* JOB: what that account may do; NULL: there is none */
	const char *const *permissions; /* NULL-terminated "object:verb" */
};

struct header {
	const char *name;
	const char *value;
	struct header *next;
};

/* A body that is made while it is sent and whose length nobody knows before; for large ones. */
struct body_stream {
	/* Up to size bytes into data: how many, 0 at the end, -1 when it breaks off here. */
	ssize_t (*read)(struct body_stream *stream, char *data, size_t size);
	void (*close)(struct body_stream *stream);
};

/* Why a step of the pipeline refuses, where an err_kind alone does not tell the status. */
enum refusal {
	REFUSAL_NONE, /* err_kind decides */
	REFUSAL_CREDENTIALS, /* 401: none, or wrong */
	REFUSAL_METHOD, /* 405: response.allow says which would do */
	REFUSAL_ACCEPT, /* 406 */
	REFUSAL_MEDIA_TYPE, /* 415 */
	REFUSAL_RANGE, /* 416 */
	REFUSAL_RATE, /* 429: response.retry_after_s */
	REFUSAL_NOT_YET /* nobody sees it: nginx lets the request wait in its queue and asks again */
};

/* The answer; status 0 until a handler or the error builder sets it. */
struct response {
	int status;
	const char *content_type; /* NULL: none */
	struct buf body;
	struct body_stream *stream; /* in place of body; closed when the answer was sent */
	size_t streamed_bytes;
	struct header *headers; /* sent as they are; values hold no CR, LF (asserted) */
	int error_code; /* of JQM's error object, set by a handler that fails with a code of its own
			 * (6, 8, 11); 0: 10 for the caller's faults, 9 for ours */
	enum refusal refusal;
	struct text_list problems; /* all that is wrong with an imported file */
	const char *allow; /* methods of a known path: "GET, HEAD"; NULL while unknown */
	int retry_after_s; /* 0: the default of the status */
};

enum open_to { OPEN_TO_NOBODY, OPEN_TO_LOOPBACK, OPEN_TO_ALL };

#define EXCHANGE_PATH_VALUES_MAX 4

struct exchange {
	struct FCGX_Request *connection; /* for request.c and response.c only */
	struct arena *arena;
	struct request request;
	struct response response;
	unsigned apis_off; /* set by api_switch_read(): 1 << enum route_api */
	enum open_to open_to; /* likewise: who need not log in */
	bool health_is_public; /* likewise: whether the node is well, anybody may ask */
	const char *own_names[2]; /* likewise: what this server is called; each may be "" */
	const struct route *route; /* set by router_match() */
	const char *path_values[EXCHANGE_PATH_VALUES_MAX]; /* decoded {..} values, in order */
	struct identity identity;
	const char
	    *tried_login; /* whose password or token was shown, right or wrong; NULL: none was */
	/* What the identity's permission for the route is limited to (jqm.in_scope()); NULL: no limit.
	 * Set by authz_permit(); every store that is asked for jobs, queues or definitions is given it. */
	const struct text_list *scope;
	struct db *db; /* this worker's connection, role jqm_api */
	const struct settings *settings;
	struct guards *guards; /* what workers share: guards.h */
	unsigned worker; /* the number of this one */
	const char
	    *media_type; /* the one of route->produces that Accept likes best; NULL if none named */
	int64_t started_ms; /* monotonic */
	const char
	    *remembered; /* what the identity was kept under (known_account.h); NULL: it was read */
	bool read_anew; /* what this worker remembers of accounts does not count */
	bool begun; /* what it has done, or sent, cannot be dropped: pipeline_put_off() */
	bool put_off; /* it is to be begun again */
	bool alone; /* it is not to be deferred */
	struct deferred deferred; /* if its handler said so */
};

/* Arena: memory of the exchange.  Never returns NULL (out of memory ends the worker; nginx and the
 * master put the next one in its place). */
void *exchange_alloc(struct exchange *x, size_t size); /* zeroed */
struct memory *exchange_memory(struct exchange *x); /* the same, for stores and codecs */
char *exchange_strdup(struct exchange *x, const char *text);
char *exchange_printf(struct exchange *x, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* All of text ("a=1&b=2") can be decoded to UTF-8; else -1 with ERR_INVALID: "<what> \"<name>\": ...". */
int exchange_pairs_check(struct exchange *x, const char *text, const char *what, struct err *err);

/* Value of a query parameter or (urlencoded) form field, decoded; NULL when absent.  Broken escapes,
 * bytes that are no UTF-8, a second value: -1 with ERR_INVALID naming the field. */
int exchange_query_value(struct exchange *x, const char *name, const char **out, struct err *err);
int exchange_form_value(struct exchange *x, const char *name, const char **out, struct err *err);
/* All values of a repeated form field, in order; NULL-terminated array. */
int exchange_form_values(struct exchange *x, const char *name, const char *const **out,
			 struct err *err);

/* Integers of the path or the query, with an error that names what is wrong. */
int exchange_path_id(struct exchange *x, size_t index, int64_t *out, struct err *err);
int exchange_query_int(struct exchange *x, const char *name, int64_t min, int64_t max,
		       int64_t default_value, int64_t *out, struct err *err);

/* A setting without which nothing can be answered: what is missing is ERR_INTERNAL, no fault of the caller's. */
int exchange_setting(const struct exchange *x, const char *key, const char **out, struct err *err);

/* No answer yet: what a handler put together so far is gone. */
void exchange_drop_answer(struct exchange *x);

/* Answers.  Each sets status and content type; bodies are copied. */
void exchange_answer_text(struct exchange *x, int status, const char *text);
void exchange_answer_bytes(struct exchange *x, int status, const char *content_type,
			   const void *data, size_t len);
void exchange_answer_empty(struct exchange *x, int status); /* 204 */
/* An order to what (node, queue) with that id was carried out: into the log as event, with who gave it; 204. */
void exchange_answer_order(struct exchange *x, const char *event, const char *what, int64_t id);
void exchange_header(struct exchange *x, const char *name, const char *value);

/*
 * Let nginx send a file: location is an internal one ("/-/deliverables/", "/-/linked/", "/-/joblogs/"), path is
 * relative to it and ours (never a job's text).  nginx answers HEAD, ranges and conditions.
 * file_name is offered in Content-Disposition as RFC 6266/5987 say, content_type always
 * application/octet-stream unless given.
 */
void exchange_answer_file(struct exchange *x, const char *location, const char *path,
			  const char *file_name, const char *content_type);

/* Where nginx gets a file that another node has (nginx/README.md). */
struct node_hop {
	const char *address; /* "192.0.2.7:1789", "[2001:db8::7]:1789" */
	const char *name; /* that its certificate must have */
	const char *path; /* of the other node's web API, with its query */
	const char *
	    words; /* 'file 7 is on node "n2" (n2.example.org:1789), which': what is said if it fails */
};
void exchange_answer_node(struct exchange *x, const struct node_hop *hop, const char *file_name);

/* The same headers, and stream as the body; it cannot be asked for in ranges. */
void exchange_answer_stream(struct exchange *x, struct body_stream *stream, const char *file_name);

/* May the caller see this job?  Accounts: if x->scope has it (the route's permission decided the rest).
 * Jobs: only their own subtree.  Nodes: any, they have
 * asked this for their own caller.  Else ERR_NOT_FOUND as if it did not exist. */
int exchange_may_see_job(struct exchange *x, int64_t job_id, struct err *err);

/* May the caller, an account, give orders to this queue as a whole, or move this job there? */
int exchange_may_see_queue(struct exchange *x, int64_t queue_id, struct err *err);
int exchange_may_move_job(struct exchange *x, int64_t job_id, int64_t queue_id, struct err *err);

#endif
