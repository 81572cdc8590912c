/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks/post.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <curl/curl.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "hooks/address_rule.h"

#define READ_MAX 65536 /* of an answer's head, and of its body */
#define FDS_MAX 8

/* One request on its way. */
struct flight {
	struct poster *poster;
	struct flight *next, *before; /* in the poster's list */
	CURL *curl;
	struct curl_slist *headers;
	char *body;
	void *what;
	int64_t started_ms;
	size_t head_bytes, body_bytes, answer_len;
	bool has_head; /* all of the final answer's head has come */
	bool too_long;
	char
	    refused[INET6_ADDRSTRLEN]; /* the last address that is not allowed; "" : none was met */
	char error[CURL_ERROR_SIZE];
	char answer[POST_ANSWER_SIZE];
};

struct poster {
	const struct post_config *config;
	post_done_fn *done;
	void *arg;
	CURLM *multi;
	struct flight *flights;
	size_t busy;
};

/* The address is known, nobody has been connected to. */
static curl_socket_t
on_open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct flight *flight = arg;

	(void)purpose;
	if (!address_rules_allow(flight->poster->config->rules, &address->addr)) {
		address_text(&address->addr, flight->refused);
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t
on_head(char *line, size_t size, size_t n, void *arg)
{
	struct flight *flight = arg;
	size_t len = size * n;
	long status = 0;

	flight->head_bytes += len;
	if (flight->head_bytes > READ_MAX) {
		flight->too_long = true;
		return 0;
	}
	if (len > 0 && (line[0] == '\r' || line[0] == '\n') &&
	    curl_easy_getinfo(flight->curl, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK)
		flight->has_head = status >= 200;
	return len;
}

static size_t
on_body(char *data, size_t size, size_t n, void *arg)
{
	struct flight *flight = arg;
	size_t len = size * n, room = sizeof(flight->answer) - 1 - flight->answer_len;

	memcpy(flight->answer + flight->answer_len, data, len < room ? len : room);
	flight->answer_len += len < room ? len : room;
	flight->body_bytes += len;
	if (flight->body_bytes > READ_MAX) {
		flight->too_long = true;
		return 0;
	}
	return len;
}

struct poster *
poster_new(const struct post_config *config, post_done_fn *done, void *arg, struct err *err)
{
	struct poster *poster = calloc(1, sizeof(*poster));

	if (poster == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != 0 ||
	    (poster->multi = curl_multi_init()) == NULL) {
		(void)err_set(err, ERR_INTERNAL, "could not make an HTTP client");
		free(poster);
		return NULL;
	}
	poster->config = config;
	poster->done = done;
	poster->arg = arg;
	return poster;
}

static void
flight_free(struct poster *poster, struct flight *flight)
{
	if (poster->flights == flight)
		poster->flights = flight->next;
	else
		flight->before->next = flight->next;
	if (flight->next != NULL)
		flight->next->before = flight->before;
	poster->busy--;
	(void)curl_multi_remove_handle(poster->multi, flight->curl);
	curl_easy_cleanup(flight->curl);
	curl_slist_free_all(flight->headers);
	free(flight->body);
	free(flight);
}

void
poster_free(struct poster *poster)
{
	if (poster == NULL)
		return;
	while (poster->flights != NULL)
		flight_free(poster, poster->flights);
	(void)curl_multi_cleanup(poster->multi);
	free(poster);
}

size_t
poster_busy(const struct poster *poster)
{
	return poster->busy;
}

static void
add_header(struct flight *flight, char *line)
{
	struct curl_slist *longer = curl_slist_append(flight->headers, line);

	if (longer == NULL)
		abort();
	flight->headers = longer;
	free(line);
}

static void
set_limits(const struct flight *flight)
{
	const struct post_config *config = flight->poster->config;
	CURL *curl = flight->curl;

	(void)curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	(void)curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	(void)curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* whatever the environment says */
	(void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L); /* no waiting for a resolver */
	(void)curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)config->timeout_ms);
	(void)curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)config->timeout_ms);
	/* A connection of its own for each, so that its address is looked at each time. */
	(void)curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
	(void)curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
	(void)curl_easy_setopt(curl, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
	(void)curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	(void)curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	(void)curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
	(void)curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
	if (config->ca_file != NULL) {
		(void)curl_easy_setopt(curl, CURLOPT_CAINFO, config->ca_file);
		(void)curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
	}
}

void
post_start(struct poster *poster, const struct post_request *request, void *what)
{
	struct flight *flight = calloc(1, sizeof(*flight));

	if (flight == NULL || (flight->curl = curl_easy_init()) == NULL)
		abort();
	flight->poster = poster;
	flight->what = what;
	flight->body = str_dup(request->body);
	flight->started_ms = clock_mono_ms();
	add_header(flight, str_dup("Content-Type: application/json"));
	add_header(flight, str_dup("Expect:")); /* we do not wait for a 100 */
	add_header(flight, str_printf("webhook-id: %s", request->id));
	add_header(flight, str_printf("webhook-timestamp: %" PRId64, request->seconds));
	add_header(flight, str_printf("webhook-signature: %s", request->signature));
	(void)curl_easy_setopt(flight->curl, CURLOPT_URL, request->url);
	(void)curl_easy_setopt(flight->curl, CURLOPT_USERAGENT, "JQM-Webhooks/1");
	(void)curl_easy_setopt(flight->curl, CURLOPT_HTTPHEADER, flight->headers);
	(void)curl_easy_setopt(flight->curl, CURLOPT_POSTFIELDSIZE, (long)strlen(flight->body));
	(void)curl_easy_setopt(flight->curl, CURLOPT_POSTFIELDS, flight->body);
	(void)curl_easy_setopt(flight->curl, CURLOPT_ERRORBUFFER, flight->error);
	(void)curl_easy_setopt(flight->curl, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
	(void)curl_easy_setopt(flight->curl, CURLOPT_OPENSOCKETDATA, flight);
	(void)curl_easy_setopt(flight->curl, CURLOPT_HEADERFUNCTION, on_head);
	(void)curl_easy_setopt(flight->curl, CURLOPT_HEADERDATA, flight);
	(void)curl_easy_setopt(flight->curl, CURLOPT_WRITEFUNCTION, on_body);
	(void)curl_easy_setopt(flight->curl, CURLOPT_WRITEDATA, flight);
	(void)curl_easy_setopt(flight->curl, CURLOPT_PRIVATE, flight);
	set_limits(flight);
	flight->next = poster->flights;
	if (flight->next != NULL)
		flight->next->before = flight;
	poster->flights = flight;
	poster->busy++;
	if (curl_multi_add_handle(poster->multi, flight->curl) != CURLM_OK)
		abort(); /* a handle of ours that is in no multi: memory ran out */
}

/* Why, of what did not end well or not whole. */
static void
say_why(const struct flight *flight, CURLcode code, struct post_result *result)
{
	const char *said = flight->error[0] != '\0' ? flight->error : curl_easy_strerror(code);
	char *out = result->reason;

	if (flight->too_long && !flight->has_head)
		(void)snprintf(out, POST_REASON_SIZE, "answered more than %d bytes of headers",
			       READ_MAX);
	else if (flight->too_long)
		(void)snprintf(out, POST_REASON_SIZE, "answered %d and more than %d bytes",
			       result->status, READ_MAX);
	else if (code != CURLE_OK && flight->has_head)
		(void)snprintf(out, POST_REASON_SIZE, "answered %d, then broke off: %s",
			       result->status, said);
	else if (code != CURLE_OK && flight->refused[0] != '\0')
		(void)snprintf(
		    out, POST_REASON_SIZE,
		    "address %s is not public, and setting hooks:allow does not allow it",
		    flight->refused);
	else if (code != CURLE_OK)
		(void)snprintf(out, POST_REASON_SIZE, "%s", said);
	else if (result->status >= 300 && result->status < 400)
		(void)snprintf(out, POST_REASON_SIZE, "answered %d: redirects are not followed",
			       result->status);
	else if (result->outcome != POST_DELIVERED)
		(void)snprintf(out, POST_REASON_SIZE, "answered %d", result->status);
	str_make_line(out);
}

static void
judge(struct flight *flight, CURLcode code, struct post_result *result)
{
	curl_off_t wait_s = 0;
	long status = 0;

	*result = (struct post_result){ .outcome = POST_FAILED,
					.took_ms = clock_mono_ms() - flight->started_ms };
	if (flight->has_head) {
		(void)curl_easy_getinfo(flight->curl, CURLINFO_RESPONSE_CODE, &status);
		(void)curl_easy_getinfo(flight->curl, CURLINFO_RETRY_AFTER, &wait_s);
	}
	result->status = (int)status;
	result->wait_s = wait_s > 0 ? wait_s : 0;
	if (status >= 200 && status < 300)
		result->outcome = POST_DELIVERED;
	else if (status == 410)
		result->outcome = POST_GONE;
	say_why(flight, code, result);
	for (size_t i = 0; i < flight->answer_len; i++)
		result->answer[i] = flight->answer[i] == '\0' ? ' ' : flight->answer[i];
	str_make_line(result->answer);
}

static void
flight_end(struct poster *poster, struct flight *flight, const struct post_result *result)
{
	void *what = flight->what;

	flight_free(poster, flight);
	poster->done(poster->arg, what, result);
}

void
poster_process(struct poster *poster)
{
	struct post_result result;
	struct flight *flight;
	CURLMsg *message;
	int running, left;

	(void)curl_multi_perform(poster->multi, &running);
	while ((message = curl_multi_info_read(poster->multi, &left)) != NULL) {
		if (message->msg != CURLMSG_DONE)
			continue;
		(void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&flight);
		judge(flight, message->data.result, &result);
		flight_end(poster, flight, &result);
	}
}

void
poster_wait(struct poster *poster, struct pollfd *fds, size_t n, int timeout_ms)
{
	struct curl_waitfd waits[FDS_MAX];
	unsigned used = 0;

	for (size_t i = 0; i < n && used < FDS_MAX; i++)
		if (fds[i].fd != -1)
			waits[used++] = (struct curl_waitfd){
				.fd = fds[i].fd,
				.events = (short)((fds[i].events & POLLIN ? CURL_WAIT_POLLIN : 0) |
						  (fds[i].events & POLLOUT ? CURL_WAIT_POLLOUT : 0))
			};
	(void)curl_multi_poll(poster->multi, waits, used, timeout_ms, NULL);
}

void
poster_stop(struct poster *poster, const char *reason)
{
	while (poster->flights != NULL) {
		struct flight *flight = poster->flights;
		struct post_result result = { .outcome = POST_FAILED,
					      .took_ms = clock_mono_ms() - flight->started_ms };

		(void)str_copy(result.reason, sizeof(result.reason), reason);
		flight_end(poster, flight, &result);
	}
}
