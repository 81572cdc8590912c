/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/up/port.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/num.h"
#include "base/str.h"
#include "cli/up/process.h"

#define TCP_LISTEN 0x0a

static struct sockaddr_in
loopback(int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return address;
}

/* Fields of a line of /proc/net/tcp, by number; local and remote are "ADDRESS:PORT", hexadecimal. */
enum { TCP_LOCAL = 1, TCP_STATE = 3, TCP_UID = 7, TCP_INODE = 9, TCP_FIELDS };

/* Cut line into its fields: 0, or -1 when there are fewer. */
static int
split_fields(char *line, char *fields[TCP_FIELDS])
{
	char *save = NULL;

	for (int i = 0; i < TCP_FIELDS; i++) {
		fields[i] = strtok_r(i == 0 ? line : NULL, " \n", &save);
		if (fields[i] == NULL)
			return -1;
	}
	return 0;
}

/* The listening socket on port in /proc/net/tcp or tcp6: its inode and account; 0 when none. */
static unsigned long
find_listener(const char *table, int port, unsigned long *uid_out)
{
	FILE *file = fopen(table, "re");
	char line[512];
	unsigned long found = 0;

	while (file != NULL && found == 0 && fgets(line, sizeof(line), file) != NULL) {
		char *fields[TCP_FIELDS];
		const char *colon;

		if (split_fields(line, fields) == -1 ||
		    strtoul(fields[TCP_STATE], NULL, 16) != TCP_LISTEN ||
		    (colon = strchr(fields[TCP_LOCAL], ':')) == NULL ||
		    strtoul(colon + 1, NULL, 16) != (unsigned long)port)
			continue;
		found = strtoul(fields[TCP_INODE], NULL, 10);
		*uid_out = strtoul(fields[TCP_UID], NULL, 10);
	}
	if (file != NULL)
		(void)fclose(file);
	return found;
}

/* Does process pid (a name in /proc) hold the socket?  Only our own processes let us look. */
static int
holds(const char *pid, unsigned long inode)
{
	char *dir_path = str_printf("/proc/%s/fd", pid);
	char want[64], target[64];
	DIR *dir = opendir(dir_path);
	const struct dirent *entry;
	int found = 0;

	(void)snprintf(want, sizeof(want), "socket:[%lu]", inode);
	while (dir != NULL && !found && (entry = readdir(dir)) != NULL) {
		ssize_t len = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);

		target[len < 0 ? 0 : len] = '\0';
		found = strcmp(target, want) == 0;
	}
	if (dir != NULL)
		(void)closedir(dir);
	free(dir_path);
	return found;
}

/* Words for who listens on port: "nginx, process 42", as much as can be seen. */
static void
describe_owner(int port, char *out, size_t size)
{
	unsigned long uid = 0;
	unsigned long inode = find_listener("/proc/net/tcp", port, &uid);
	DIR *dir = opendir("/proc");
	const struct dirent *entry;
	struct process process;
	int64_t pid;

	(void)str_copy(out, size, "another program");
	if (inode == 0)
		inode = find_listener("/proc/net/tcp6", port, &uid);
	if (inode != 0)
		(void)snprintf(out, size, "a program of uid %lu", uid);
	while (inode != 0 && dir != NULL && (entry = readdir(dir)) != NULL)
		if (num_int64(entry->d_name, 1, INT32_MAX, &pid) == 0 &&
		    holds(entry->d_name, inode) && process_read((pid_t)pid, &process) == 0) {
			(void)snprintf(out, size, "%s, process %lld", process.name, (long long)pid);
			break;
		}
	if (dir != NULL)
		(void)closedir(dir);
}

int
port_check_free(int port, struct err *err)
{
	struct sockaddr_in address = loopback(port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int yes = 1, rc = 0;
	char owner[100];

	/* As nginx does: connections that are just closing do not count. */
	if (fd == -1 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) == -1) {
		rc = err_errno(err, ERR_INTERNAL, "could not make a socket");
	} else if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) == -1 ||
		   listen(fd, 1) == -1) {
		if (errno == EADDRINUSE) {
			describe_owner(port, owner, sizeof(owner));
			rc = err_set(err, ERR_CONFLICT,
				     "port %d is in use by %s: stop it or choose another --port",
				     port, owner);
		} else {
			rc = err_errno(err, errno == EACCES ? ERR_DENIED : ERR_INTERNAL,
				       "cannot listen on port %d", port);
		}
	}
	fd_close(&fd);
	return rc;
}

/* Wait until fd is ready for events: 0, or -1 with errno. */
static int
wait_ready(int fd, short events, int64_t deadline_ms)
{
	struct pollfd poll_fd = { .fd = fd, .events = events };

	for (;;) {
		int64_t left_ms = deadline_ms - clock_mono_ms();
		int rc = poll(&poll_fd, 1, left_ms > 0 ? (int)left_ms : 0);

		if (rc == 1)
			return 0;
		if (rc == 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		if (errno != EINTR)
			return -1;
	}
}

/* Send text and read the start of the answer.  0, or -1 with errno. */
static int
talk(int fd, const struct sockaddr_in *address, const char *text, char *answer, size_t size,
     int64_t deadline_ms)
{
	size_t len = strlen(text), got = 0;

	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) == -1 &&
	    errno != EINPROGRESS)
		return -1;
	if (wait_ready(fd, POLLOUT, deadline_ms) == -1)
		return -1;
	if (send(fd, text, len, MSG_NOSIGNAL) != (ssize_t)len)
		return -1;
	while (got + 1 < size) {
		ssize_t n;

		if (wait_ready(fd, POLLIN, deadline_ms) == -1)
			return -1;
		n = recv(fd, answer + got, size - 1 - got, 0);
		if (n == -1)
			return -1;
		if (n == 0)
			break;
		got += (size_t)n;
		if (memchr(answer, '\n', got) != NULL)
			break;
	}
	answer[got] = '\0';
	return 0;
}

/* The code in "HTTP/1.1 200 OK"; -1 when it is no such line. */
static int
status_of(const char *answer)
{
	const char *blank = strchr(answer, ' ');
	char digits[4] = "";
	int64_t status = 0;

	if (!str_starts(answer, "HTTP/") || blank == NULL)
		return -1;
	(void)str_copy(digits, sizeof(digits), blank + 1);
	return num_int64(digits, 100, 599, &status) == -1 ? -1 : (int)status;
}

int
port_http_status(int port, const char *path, int timeout_ms, struct err *err)
{
	struct sockaddr_in address = loopback(port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	char *text = str_printf("GET %s HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n", path);
	char answer[256];
	int status = -1;

	if (fd == -1 ||
	    talk(fd, &address, text, answer, sizeof(answer), clock_mono_ms() + timeout_ms) == -1)
		(void)err_errno(err, ERR_BUSY, "no answer from http://127.0.0.1:%d%s", port, path);
	else if ((status = status_of(answer)) == -1)
		(void)err_set(err, ERR_INTERNAL, "http://127.0.0.1:%d is not HTTP", port);
	fd_close(&fd);
	free(text);
	return status;
}
