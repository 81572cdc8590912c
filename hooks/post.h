/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hooks/post.h: many POST requests at once, to receivers nobody trusts; the only includer of libcurl here.
 *
 * No receiver can hold up another one, make us talk to an address that is not allowed (each socket is looked at when its
 * address is known, right before it is opened), send us elsewhere (no redirects, no proxy), keep us longer than
 * timeout_ms, or make us read more than 64 kB.  https wants a valid certificate for the name.
 */
#ifndef HOOKS_POST_H
#define HOOKS_POST_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct address_rules;
struct err;

struct post_config {
	int64_t
	    timeout_ms; /* of one request, from the look-up of the name to the end of the answer */
	const char *ca_file; /* who may have issued certificates; NULL: whom the system trusts */
	const struct address_rules *rules;
};

/* Borrowed during post_start(). */
struct post_request {
	const char *url, *body;
	const char *id, *signature; /* headers webhook-id, webhook-signature */
	int64_t seconds; /* header webhook-timestamp */
};

enum post_outcome {
	POST_DELIVERED, /* the receiver said 2xx, whatever became of the rest of its answer */
	POST_GONE, /* 410: it wants nothing more */
	POST_FAILED
};

#define POST_REASON_SIZE 300
#define POST_ANSWER_SIZE 1001
struct post_result {
	enum post_outcome outcome;
	int status; /* 0: there was no answer */
	int64_t took_ms;
	int64_t
	    wait_s; /* how long the receiver wants us to wait (Retry-After); 0: it did not say */
	char reason[POST_REASON_SIZE]; /* one line of UTF-8; "" when there is nothing to say */
	char answer[POST_ANSWER_SIZE]; /* the beginning of it, made readable */
};

struct poster; /* opaque */

/* done gets what was given to post_start(); it may start others.  config is borrowed.  NULL with ERR_INTERNAL. */
typedef void post_done_fn(void *arg, void *what, const struct post_result *result);
struct poster *poster_new(const struct post_config *config, post_done_fn *done, void *arg,
			  struct err *err);
/* What is on its way is dropped without a call of done. */
void poster_free(struct poster *poster);

/* done is called for it later, in any case. */
void post_start(struct poster *poster, const struct post_request *request, void *what);

/* How many requests are on their way. */
size_t poster_busy(const struct poster *poster);

/* Wait until something happens to a request or to one of fds, at most timeout_ms. */
void poster_wait(struct poster *poster, struct pollfd *fds, size_t n, int timeout_ms);
/* Go on, and call done for what is over. */
void poster_process(struct poster *poster);
/* End all that is on its way, as POST_FAILED for that reason. */
void poster_stop(struct poster *poster, const char *reason);

#endif
