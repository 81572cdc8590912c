/* SPDX-License-Identifier: Apache-2.0 */
/* client/backend.h: a way to a server.  What stands above it does not know which. */
#ifndef CLIENT_BACKEND_H
#define CLIENT_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/verb.h"

struct backend;
struct buf;
struct err;
struct http_client;
struct jqm_options;

struct call {
	enum verb verb;
	const char *args[VERB_ARGS_MAX]; /* as texts; NULL: there are no more */
	const char *body; /* NULL when the verb has none */
	size_t body_len;
};

enum fetch_what { FETCH_FILE, FETCH_STDOUT, FETCH_STDERR };

#define FETCH_NAME_SIZE 1024

struct fetch {
	enum fetch_what what;
	int64_t id; /* of the file, or of the job */
	const char *guid; /* of the file, in place of its id; NULL: the id */
	int32_t attempt; /* of a log; 0: the newest */
	int64_t from; /* of a log: offset of the first byte, as the job wrote them */
	bool whole; /* of a log: as it is kept, from its first byte on, whatever from says */
	int64_t next; /* out: the offset behind the last byte that was taken */
	int (*sink)(void *arg, const void *data, size_t len); /* not 0: no more */
	void *arg;
	bool stopped; /* out: the sink wanted no more */
	/* Out, before the sink gets the first byte. */
	char name[FETCH_NAME_SIZE]; /* under which a file is offered; "": none */
	int64_t attempt_read,
	    newest_attempt; /* of a log: whose it is, which is the newest; 0: not told */
	int64_t cut; /* of a log: bytes between from and the first that comes */
	int64_t written; /* of a log: how long it is; -1: not told */
};

struct backend_ops {
	/* The answer's text into answer: 0, or -1 with err. */
	int (*call)(struct backend *backend, const struct call *call, struct buf *answer,
		    struct err *err);
	/* Bytes to the sink: 0, or -1 with err; what is out of fetch is right in both cases. */
	int (*fetch)(struct backend *backend, struct fetch *fetch, struct err *err);
	void (*free)(struct backend *backend);
};

struct backend {
	const struct backend_ops *ops;
	bool is_database;
};

/* Each as jqm_open(): NULL with err. */
struct backend *web_backend_new(const char *url, const struct jqm_options *options,
				struct err *err);
struct backend *db_backend_new(const char *conninfo, const struct jqm_options *options,
			       struct err *err);

/* What a backend of the web service speaks with; borrowed. */
struct http_client *web_backend_http(struct backend *backend);

#endif
