/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For LD_PRELOAD: what a program gets by libcurl is left in JQM_RECORD for tests/lib/answers.py, as curl --trace would leave it; a
 * file for each call.  The program sees none of it: no output, no descriptor between calls, and what it starts is not given this.
 * Where nothing can be written (no such directory, another account) nothing is.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <dlfcn.h>
#include <sys/random.h>

#include <curl/curl.h>

#define LINE_BYTES 16
#define LINE_CHARS (6 + 3 * LINE_BYTES + 1)
#define CALL_MAX (8u << 20) /* bytes: of a longer answer there is no body to be looked at */

struct trace {
	int fd;
	size_t written;
};

/* Runs before the program does. */
static void __attribute__((constructor)) stay_here(void)
{
	(void)unsetenv("LD_PRELOAD");
}

/* A file of its own, whoever else writes beside us and wherever we were forked; -1: none. */
static int
new_file(void)
{
	const char *directory = getenv("JQM_RECORD");
	char path[4096];
	struct timespec now;
	unsigned long long number;

	if (directory == NULL || getrandom(&number, sizeof(number), 0) != sizeof(number) ||
	    clock_gettime(CLOCK_REALTIME, &now) == -1 ||
	    (size_t)snprintf(path, sizeof(path), "%s/%lld%06ld-%016llx.%s", directory,
			     (long long)now.tv_sec, now.tv_nsec / 1000, number,
			     program_invocation_short_name) >= sizeof(path))
		return -1;
	return open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_APPEND, 0600);
}

/* "0010: 48 54 ", a line for each 16 bytes. */
static char *
put_lines(char *out, const char *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t at = 0; at < len; at += LINE_BYTES) {
		out += sprintf(out, "%04x: ", (unsigned)(at & 0xffff));
		for (size_t i = at; i < len && i < at + LINE_BYTES; i++) {
			unsigned char byte = (unsigned char)data[i];

			*out++ = digits[byte >> 4];
			*out++ = digits[byte & 15];
			*out++ = ' ';
		}
		*out++ = '\n';
	}
	return out;
}

/* In one piece: what is killed leaves whole blocks. */
static void
put_block(struct trace *trace, const char *title, const char *data, size_t len)
{
	char *block = malloc(100 + (len / LINE_BYTES + 1) * LINE_CHARS);
	char *end = block;

	if (block == NULL)
		return;
	end += sprintf(end, "%s, %zu bytes\n", title, len);
	end = put_lines(end, data, len);
	if (write(trace->fd, block, (size_t)(end - block)) != end - block)
		trace->written = CALL_MAX;
	trace->written += len;
	free(block);
}

static int
see(CURL *curl, curl_infotype what, char *data, size_t len, void *arg)
{
	(void)curl;
	if (what == CURLINFO_HEADER_OUT)
		put_block(arg, "=> Send header", data, len);
	else if (what == CURLINFO_HEADER_IN)
		put_block(arg, "<= Recv header", data, len);
	else if (what == CURLINFO_DATA_IN && ((struct trace *)arg)->written < CALL_MAX)
		put_block(arg, "<= Recv data", data, len);
	return 0;
}

CURLcode
curl_easy_perform(CURL *curl)
{
	CURLcode (*perform)(CURL *);
	struct trace trace = { new_file(), 0 };
	CURLcode code;

	*(void **)&perform = dlsym(RTLD_NEXT, "curl_easy_perform");
	if (trace.fd == -1)
		return perform(curl);
	(void)curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, see);
	(void)curl_easy_setopt(curl, CURLOPT_DEBUGDATA, &trace);
	(void)curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
	code = perform(curl);
	(void)curl_easy_setopt(curl, CURLOPT_VERBOSE, 0L);
	(void)curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, NULL);
	(void)curl_easy_setopt(curl, CURLOPT_DEBUGDATA, NULL);
	(void)close(trace.fd);
	return code;
}
