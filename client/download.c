/* SPDX-License-Identifier: Apache-2.0 */
#include "client/download.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "client/backend.h"
#include "client/disposition.h"
#include "client/http_client.h"
#include "client/http_refusal.h"

#define PATH_SIZE 300

/* One answer on its way to the sink. */
struct passing {
	struct fetch *fetch;
	const struct http_reply *reply;
	int64_t skip; /* bytes of it that were not asked for */
	bool started;
};

/* What the headers say. */
static void
tell(struct passing *passing)
{
	const struct http_reply *reply = passing->reply;
	struct fetch *fetch = passing->fetch;
	char *name = disposition_name(reply->disposition);

	if (name != NULL)
		(void)str_copy(fetch->name, sizeof(fetch->name), name);
	free(name);
	fetch->attempt_read = reply->attempt;
	fetch->newest_attempt = reply->newest_attempt;
	fetch->written = reply->range_total;
}

/* A piece of a log begins where it was asked for or, when that is missing, where the log goes on. */
static int
start(struct passing *passing, struct err *err)
{
	struct fetch *fetch = passing->fetch;
	int64_t begin = passing->reply->range_start;

	passing->started = true;
	tell(passing);
	if (http_check_bytes(passing->reply, fetch->what == FETCH_FILE ? "file" : "log", err) == -1)
		return -1;
	if (fetch->what == FETCH_FILE || fetch->whole)
		return 0;
	if (passing->reply->status != 206 || begin < 0 || begin >= passing->reply->range_total)
		return err_set(err, ERR_INTERNAL,
			       "the server does not say which part of the log it sent");
	if (begin > fetch->next) {
		fetch->cut = begin - fetch->next;
		fetch->next = begin;
	}
	passing->skip = fetch->next - begin;
	return 0;
}

static int
pass(void *arg, const char *data, size_t len, struct err *err)
{
	struct passing *passing = arg;
	struct fetch *fetch = passing->fetch;

	if (!passing->started && start(passing, err) == -1)
		return -1;
	if ((int64_t)len <= passing->skip) {
		passing->skip -= (int64_t)len;
		return 0;
	}
	data += passing->skip;
	len -= (size_t)passing->skip;
	passing->skip = 0;
	if (fetch->sink(fetch->arg, data, len) != 0) {
		fetch->stopped = true;
		return err_set(err, ERR_CONFLICT, "stopped by the caller");
	}
	fetch->next += (int64_t)len;
	return 0;
}

/* The path with what says which bytes; of a log it ends in "?" or "&", which must not stay last. */
static void
put_path(char out[PATH_SIZE], const char *path, const struct fetch *fetch)
{
	char attempt[40] = "";

	(void)snprintf(out, PATH_SIZE, "%s", path);
	if (fetch->what == FETCH_FILE)
		return;
	if (fetch->attempt > 0)
		(void)snprintf(attempt, sizeof(attempt), "attempt=%" PRId32, fetch->attempt);
	if (fetch->whole && attempt[0] == '\0')
		out[strlen(out) - 1] = '\0';
	else
		(void)snprintf(out, PATH_SIZE, "%s%s%s%s", path,
			       fetch->whole ? "" : "offsets=written",
			       fetch->whole || attempt[0] == '\0' ? "" : "&", attempt);
}

int
download(struct http_client *http, const char *path, struct fetch *fetch, struct err *err)
{
	bool is_log = fetch->what != FETCH_FILE, in_pieces = is_log && !fetch->whole;
	struct http_reply reply = HTTP_REPLY_INIT;
	struct passing passing = { .fetch = fetch, .reply = &reply };
	char full[PATH_SIZE];
	struct http_request request = {
		.method = "GET",
		.path = full,
		.has_range = in_pieces,
		.range_from = fetch->from,
		.sink = pass,
		.sink_arg = &passing,
	};
	int rc;

	fetch->next = in_pieces ? fetch->from : 0;
	fetch->cut = 0;
	fetch->written = -1;
	put_path(full, path, fetch);
	rc = http_call(http, &request, &reply, err);
	if (rc == 0 && reply.status == 204)
		rc = err_set(err, ERR_NOT_FOUND, "there is no such %s any more",
			     is_log ? "log" : "file");
	else if (rc == 0 && reply.status != 200 && reply.status != 206 &&
		 !(in_pieces && reply.status == 416))
		rc = http_refused(&request, &reply, err);
	else if (rc == 0)
		tell(&passing);
	http_reply_free(&reply);
	return rc;
}
