/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/pg_proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/str.h"
#include "tests/lib/test_db.h"

#define PAIRS_MAX 64
#define LOOK_MS 2 /* at what the test wants */
#define PATIENCE_MS 60000
#define SOCKET_NAME "/.s.PGSQL.5432"

enum mode { PASS, HOLD, SWALLOW, REFUSE };
enum lose { LOSE_NOTHING, LOSE_ANSWER, LOSE_STATEMENT, LOSE_REPLY, DELAY_STATEMENT };

/* What the test says to the process, and the other way round. */
struct shared {
	_Atomic int mode;
	_Atomic int done_mode; /* the last one that is in force */
	_Atomic int lose;
	_Atomic int deliver; /* 1: what was delayed is to go */
	bool delivered; /* it has gone, and somebody was there */
	char text[64];
};

struct pg_proxy {
	pid_t pid;
	struct shared *shared;
	char *conninfo;
};

struct pair {
	int client, server; /* -1: free */
	bool dumb; /* what is written into it gets nowhere */
	uint64_t asked, answered; /* questions (Sync, simple queries), answers */
	uint64_t doomed; /* that answer is lost; 0: none */
	/* Of the client: the message we are in. */
	char head[5];
	size_t head_len, head_size, skip;
	char *held; /* of the server: an answer that is not whole yet */
	size_t len, size;
};

struct relay {
	struct shared *shared;
	int listen_fd;
	struct sockaddr_un to;
	struct pair pairs[PAIRS_MAX];
	struct {
		int server; /* -1: nothing is delayed */
		char data[65536];
		size_t len;
	} late;
};

/* --- the process --- */

static void
cut(struct pair *pair)
{
	fd_close(&pair->client);
	fd_close(&pair->server);
	free(pair->held);
	pair->held = NULL;
	pair->asked = pair->answered = pair->doomed = 0;
	pair->head_len = pair->skip = 0;
	pair->dumb = false;
	pair->len = pair->size = 0;
}

/* All of it; -1: the other side is gone. */
static int
write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

static bool
is_to_be_lost(struct relay *relay, enum lose what, const char *data, size_t len)
{
	if (relay->shared->lose != (int)what ||
	    memmem(data, len, relay->shared->text, strlen(relay->shared->text)) == NULL)
		return false;
	if (what != LOSE_REPLY) /* which is not over yet */
		relay->shared->lose = LOSE_NOTHING;
	return true;
}

/* Count the questions in what the client sends. */
static void
count_asked(struct pair *pair, const char *data, size_t len)
{
	while (len > 0) {
		size_t n = pair->skip < len ? pair->skip : len;
		uint32_t size;

		pair->skip -= n;
		data += n;
		len -= n;
		if (len == 0)
			return;
		pair->head[pair->head_len++] = *data++;
		len--;
		if (pair->head_len < pair->head_size)
			continue;
		memcpy(&size, pair->head + pair->head_size - sizeof(size), sizeof(size));
		pair->skip = ntohl(size) - sizeof(size);
		if (pair->head_size == sizeof(pair->head))
			pair->asked += pair->head[0] == 'S' || pair->head[0] == 'Q';
		pair->head_size = sizeof(pair->head); /* only the first has no type */
		pair->head_len = 0;
	}
}

static void
from_client(struct relay *relay, struct pair *pair)
{
	char data[65536];
	ssize_t n = recv(pair->client, data, sizeof(data), 0);

	if (n > 0 && is_to_be_lost(relay, LOSE_REPLY, data, (size_t)n)) {
		const char *text = relay->shared->text;
		size_t before =
		    (size_t)((char *)memmem(data, (size_t)n, text, strlen(text)) - data);

		count_asked(pair, data, before);
		pair->doomed = pair->asked + 1;
		count_asked(pair, data + before, (size_t)n - before);
	} else if (n > 0) {
		count_asked(pair, data, (size_t)n);
	}
	if (n > 0 && is_to_be_lost(relay, DELAY_STATEMENT, data, (size_t)n)) {
		relay->late.server = pair->server;
		relay->late.len = (size_t)n;
		memcpy(relay->late.data, data, (size_t)n);
		pair->server = -1;
		cut(pair);
		return;
	}
	if (n <= 0 || is_to_be_lost(relay, LOSE_STATEMENT, data, (size_t)n) ||
	    write_all(pair->server, data, (size_t)n) == -1)
		cut(pair);
}

/*
 * The bytes of held that may go: whole answers (up to ReadyForQuery), and what the server says by
 * itself between them.
 */
static size_t
whole(struct pair *pair)
{
	size_t at = 0, good = 0;

	while (pair->len - at >= 5 && (pair->doomed == 0 || pair->answered < pair->doomed)) {
		char type = pair->held[at];
		uint32_t len;

		memcpy(&len, pair->held + at + 1, sizeof(len));
		len = ntohl(len) + 1;
		if (pair->len - at < len)
			break;
		pair->answered += type == 'Z';
		if (type == 'Z' || (at == good && strchr("ANES", type) != NULL))
			good = at + len;
		at += len;
	}
	return good;
}

static void
from_server(struct relay *relay, struct pair *pair)
{
	ssize_t n;
	size_t good;

	if (pair->size - pair->len < 65536) {
		pair->size = pair->size * 2 + 65536;
		pair->held = realloc(pair->held, pair->size);
		if (pair->held == NULL)
			abort();
	}
	n = recv(pair->server, pair->held + pair->len, pair->size - pair->len, 0);
	if (n <= 0) {
		(void)write_all(pair->client, pair->held, pair->len);
		cut(pair);
		return;
	}
	pair->len += (size_t)n;
	if ((good = whole(pair)) == 0)
		return;
	if (pair->doomed != 0 && pair->answered >= pair->doomed) {
		relay->shared->lose = LOSE_NOTHING;
		cut(pair);
		return;
	}
	if (is_to_be_lost(relay, LOSE_ANSWER, pair->held, good) ||
	    write_all(pair->client, pair->held, good) == -1) {
		cut(pair);
		return;
	}
	pair->len -= good;
	memmove(pair->held, pair->held + good, pair->len);
}

static void
deliver(struct relay *relay)
{
	char said[4096]; /* notifications, and perhaps last words */
	bool gone;
	ssize_t n;

	while ((n = recv(relay->late.server, said, sizeof(said), MSG_DONTWAIT)) > 0)
		;
	gone = n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK) ||
	       write_all(relay->late.server, relay->late.data, relay->late.len) == -1;
	relay->shared->delivered = !gone;
	relay->shared->deliver = 0;
}

static void
accept_client(struct relay *relay)
{
	struct pair *pair = relay->pairs;
	int client = accept4(relay->listen_fd, NULL, NULL, SOCK_CLOEXEC);
	int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	while (pair->client != -1)
		if (++pair == relay->pairs + PAIRS_MAX)
			abort();
	pair->asked = 1; /* to be let in */
	pair->head_size = sizeof(uint32_t);
	pair->client = client;
	pair->server = server;
	if (client == -1 || relay->shared->mode == REFUSE ||
	    connect(server, (const struct sockaddr *)&relay->to, sizeof(relay->to)) == -1)
		cut(pair);
}

static void
turn(struct relay *relay)
{
	struct pollfd polls[1 + 2 * PAIRS_MAX];
	enum mode mode = (enum mode)relay->shared->mode;

	if (mode == REFUSE)
		for (int i = 0; i < PAIRS_MAX; i++)
			cut(&relay->pairs[i]);
	if (mode == SWALLOW && relay->shared->done_mode != SWALLOW)
		for (int i = 0; i < PAIRS_MAX; i++)
			relay->pairs[i].dumb = relay->pairs[i].client != -1;
	relay->shared->done_mode = (int)mode;
	if (relay->shared->deliver == 1)
		deliver(relay);
	if (mode == HOLD) {
		(void)poll(NULL, 0, LOOK_MS);
		return;
	}
	polls[0] = (struct pollfd){ .fd = relay->listen_fd, .events = POLLIN };
	for (int i = 0; i < PAIRS_MAX; i++) { /* poll() takes no notice of -1 */
		const struct pair *pair = &relay->pairs[i];

		polls[1 + 2 * i] =
		    (struct pollfd){ .fd = pair->dumb ? -1 : pair->client, .events = POLLIN };
		polls[2 + 2 * i] =
		    (struct pollfd){ .fd = pair->dumb ? -1 : pair->server, .events = POLLIN };
	}
	if (poll(polls, 1 + 2 * PAIRS_MAX, LOOK_MS) <= 0 || relay->shared->mode != (int)mode)
		return;
	for (int i = 0; i < PAIRS_MAX; i++) {
		struct pair *pair = &relay->pairs[i];

		if (pair->client != -1 && polls[1 + 2 * i].revents != 0)
			from_client(relay, pair);
		if (pair->client != -1 && polls[2 + 2 * i].revents != 0)
			from_server(relay, pair);
	}
	if (polls[0].revents != 0)
		accept_client(relay);
}

/* --- the test --- */

static int
listen_in(const char *dir)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char *path = str_printf("%s" SOCKET_NAME, dir);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(str_copy(address.sun_path, sizeof(address.sun_path), path), 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 64), 0);
	free(path);
	return fd;
}

/* Of "host=DIR dbname=...", as test_db.h has them. */
static void
find_server(struct sockaddr_un *out)
{
	const char *conninfo = test_db_conninfo();
	char *path;

	assert_memory_equal(conninfo, "host=", 5);
	path = str_printf("%.*s" SOCKET_NAME, (int)strcspn(conninfo + 5, " "), conninfo + 5);
	out->sun_family = AF_UNIX;
	assert_int_equal(str_copy(out->sun_path, sizeof(out->sun_path), path), 0);
	free(path);
}

struct pg_proxy *
pg_proxy_new(const char *dir)
{
	struct pg_proxy *proxy = calloc(1, sizeof(*proxy));
	struct relay *relay = calloc(1, sizeof(*relay));

	assert_non_null(proxy);
	assert_non_null(relay);
	proxy->shared = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(proxy->shared, MAP_FAILED);
	proxy->conninfo = str_printf("%s host=%s", test_db_conninfo_as("jqm_runner"), dir);
	relay->shared = proxy->shared;
	relay->listen_fd = listen_in(dir);
	find_server(&relay->to);
	relay->late.server = -1;
	for (int i = 0; i < PAIRS_MAX; i++)
		relay->pairs[i].client = relay->pairs[i].server = -1;
	proxy->pid = fork();
	assert_true(proxy->pid >= 0);
	if (proxy->pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			turn(relay);
	}
	fd_close(&relay->listen_fd);
	free(relay);
	return proxy;
}

void
pg_proxy_free(struct pg_proxy *proxy)
{
	if (proxy == NULL)
		return;
	(void)kill(proxy->pid, SIGKILL);
	(void)waitpid(proxy->pid, NULL, 0);
	(void)munmap(proxy->shared, sizeof(struct shared));
	free(proxy->conninfo);
	free(proxy);
}

const char *
pg_proxy_conninfo(const struct pg_proxy *proxy)
{
	return proxy->conninfo;
}

static void
wait_until(const _Atomic int *what, int is, const char *why)
{
	int64_t until_ms = clock_mono_ms() + PATIENCE_MS;

	while (*what != is) {
		if (clock_mono_ms() > until_ms)
			fail_msg("%s", why);
		(void)poll(NULL, 0, LOOK_MS);
	}
}

static void
set_mode(struct pg_proxy *proxy, enum mode mode)
{
	proxy->shared->mode = (int)mode;
	wait_until(&proxy->shared->done_mode, (int)mode, "the proxy does not do as it is told");
}

void
pg_proxy_pass(struct pg_proxy *proxy)
{
	set_mode(proxy, PASS);
}

void
pg_proxy_hold(struct pg_proxy *proxy)
{
	set_mode(proxy, HOLD);
}

void
pg_proxy_swallow(struct pg_proxy *proxy)
{
	set_mode(proxy, SWALLOW);
}

void
pg_proxy_refuse(struct pg_proxy *proxy)
{
	set_mode(proxy, REFUSE);
}

static void
lose(struct pg_proxy *proxy, enum lose what, const char *text)
{
	assert_int_equal(proxy->shared->lose, LOSE_NOTHING);
	assert_int_equal(str_copy(proxy->shared->text, sizeof(proxy->shared->text), text), 0);
	proxy->shared->lose = (int)what;
}

void
pg_proxy_lose(struct pg_proxy *proxy, const char *text)
{
	lose(proxy, LOSE_ANSWER, text);
}

void
pg_proxy_lose_statement(struct pg_proxy *proxy, const char *text)
{
	lose(proxy, LOSE_STATEMENT, text);
}

void
pg_proxy_lose_reply(struct pg_proxy *proxy, const char *text)
{
	lose(proxy, LOSE_REPLY, text);
}

void
pg_proxy_delay_statement(struct pg_proxy *proxy, const char *text)
{
	lose(proxy, DELAY_STATEMENT, text);
}

bool
pg_proxy_deliver(struct pg_proxy *proxy)
{
	proxy->shared->deliver = 1;
	wait_until(&proxy->shared->deliver, 0, "the proxy does not deliver");
	return proxy->shared->delivered;
}

void
pg_proxy_lose_nothing(struct pg_proxy *proxy)
{
	proxy->shared->lose = LOSE_NOTHING;
}

bool
pg_proxy_has_lost(const struct pg_proxy *proxy)
{
	return proxy->shared->lose == LOSE_NOTHING;
}

void
pg_proxy_wait_lost(struct pg_proxy *proxy)
{
	wait_until(&proxy->shared->lose, LOSE_NOTHING, "nothing like that was said");
}
