/* SPDX-License-Identifier: Apache-2.0 */
#include "notifier/smtp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "base/err.h"
#include "base/str.h"

#define REPLY_SIZE 400

struct smtp {
	const struct smtp_config *config;
	CURL *curl;
	char *url;
	char error[CURL_ERROR_SIZE];
};

/* One mail while it is sent. */
struct sending {
	const struct smtp_config *config;
	const char *text;
	size_t left;
	bool named; /* the recipient was: what is refused from here on is this mail */
	int code; /* of the server's last reply */
	bool goes_on; /* that reply has more lines */
	char reply[REPLY_SIZE];
};

static int
check_host(const char *host, struct err *err)
{
	for (const char *c = host; *c != '\0'; c++)
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:",
			   *c) == NULL)
			return err_set(err, ERR_INVALID,
				       "setting mail:smtp_host: \"%s\" is no name or address of a "
				       "machine",
				       host);
	return 0;
}

static size_t
on_read(char *out, size_t size, size_t n, void *arg)
{
	struct sending *sending = arg;
	size_t len = size * n < sending->left ? size * n : sending->left;

	memcpy(out, sending->text, len);
	sending->text += len;
	sending->left -= len;
	return len;
}

static bool
is_code(const char *line, size_t len)
{
	if (len < 4)
		return false;
	for (int i = 0; i < 3; i++)
		if (line[i] < '0' || line[i] > '9')
			return false;
	return line[3] == ' ' || line[3] == '-' || line[3] == '\r' || line[3] == '\n';
}

/* A line of the server's: keep the last reply, all its lines joined. */
static size_t
on_reply(char *line, size_t size, size_t n, void *arg)
{
	struct sending *sending = arg;
	size_t len = size * n, used;

	/* 221 answers our farewell and says nothing of the mail. */
	if (!is_code(line, len) || strncmp(line, "221", 3) == 0)
		return len;
	if (!sending->goes_on)
		sending->reply[0] = '\0';
	used = strlen(sending->reply);
	sending->code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
	(void)snprintf(sending->reply + used, sizeof(sending->reply) - used, "%s%.*s",
		       used > 0 ? " " : "", (int)(used > 0 ? len - 4 : len),
		       used > 0 ? line + 4 : line);
	used = strlen(sending->reply);
	while (used > 0 && strchr("\r\n ", sending->reply[used - 1]) != NULL)
		sending->reply[--used] = '\0';
	sending->goes_on = line[3] == '-';
	return len;
}

/* Commands, as libcurl sends them: none of its error codes tells for certain which one was refused. */
static int
on_sent(CURL *curl, curl_infotype type, char *data, size_t len, void *arg)
{
	struct sending *sending = arg;

	(void)curl;
	if (type == CURLINFO_HEADER_OUT && len > 4 && strncmp(data, "RCPT", 4) == 0)
		sending->named = true;
	return 0;
}

static int
on_progress(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	const struct sending *sending = arg;

	(void)a, (void)b, (void)c, (void)d;
	return sending->config->stop(sending->config->stop_arg) ? 1 : 0;
}

static void
set_tls(CURL *curl, const struct smtp_config *config)
{
	static const long use[] = { [SMTP_TLS_NONE] = CURLUSESSL_NONE,
				    [SMTP_TLS_IF_OFFERED] = CURLUSESSL_TRY,
				    [SMTP_TLS_REQUIRED] = CURLUSESSL_ALL };
	/* Who takes whatever is offered takes any certificate too: without it nothing was encrypted. */
	bool verify = config->tls == SMTP_TLS_REQUIRED;

	(void)curl_easy_setopt(curl, CURLOPT_USE_SSL, use[config->tls]);
	(void)curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, verify ? 1L : 0L);
	(void)curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
}

struct smtp *
smtp_new(const struct smtp_config *config, struct err *err)
{
	struct smtp *smtp;
	bool six = strchr(config->host, ':') != NULL;

	if (check_host(config->host, err) == -1)
		return NULL;
	smtp = calloc(1, sizeof(*smtp));
	if (smtp == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != 0 ||
	    (smtp->curl = curl_easy_init()) == NULL) {
		(void)err_set(err, ERR_INTERNAL, "could not make an SMTP client");
		free(smtp);
		return NULL;
	}
	smtp->config = config;
	smtp->url = str_printf("smtp://%s%s%s:%d", six ? "[" : "", config->host, six ? "]" : "",
			       config->port);
	(void)curl_easy_setopt(smtp->curl, CURLOPT_URL, smtp->url);
	(void)curl_easy_setopt(smtp->curl, CURLOPT_PROTOCOLS_STR, "smtp");
	(void)curl_easy_setopt(smtp->curl, CURLOPT_NOPROXY, "*");
	(void)curl_easy_setopt(smtp->curl, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(smtp->curl, CURLOPT_TIMEOUT_MS, (long)config->timeout_ms);
	(void)curl_easy_setopt(smtp->curl, CURLOPT_CONNECTTIMEOUT_MS, (long)config->timeout_ms);
	/* Also bounds the farewell, which no other limit does. */
	(void)curl_easy_setopt(smtp->curl, CURLOPT_SERVER_RESPONSE_TIMEOUT,
			       (long)((config->timeout_ms + 999) / 1000));
	/* A connection for each mail: none goes stale, and the farewell is over when the mail is. */
	(void)curl_easy_setopt(smtp->curl, CURLOPT_FORBID_REUSE, 1L);
	(void)curl_easy_setopt(smtp->curl, CURLOPT_QUICK_EXIT, 1L); /* no waiting for a resolver */
	(void)curl_easy_setopt(smtp->curl, CURLOPT_ERRORBUFFER, smtp->error);
	(void)curl_easy_setopt(smtp->curl, CURLOPT_MAIL_FROM, config->from);
	(void)curl_easy_setopt(smtp->curl, CURLOPT_UPLOAD, 1L);
	(void)curl_easy_setopt(smtp->curl, CURLOPT_READFUNCTION, on_read);
	(void)curl_easy_setopt(smtp->curl, CURLOPT_HEADERFUNCTION, on_reply);
	(void)curl_easy_setopt(smtp->curl, CURLOPT_VERBOSE, 1L); /* to on_sent(), nowhere else */
	(void)curl_easy_setopt(smtp->curl, CURLOPT_DEBUGFUNCTION, on_sent);
	(void)curl_easy_setopt(smtp->curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	(void)curl_easy_setopt(smtp->curl, CURLOPT_NOPROGRESS, 0L);
	set_tls(smtp->curl, config);
	if (config->user != NULL) {
		(void)curl_easy_setopt(smtp->curl, CURLOPT_USERNAME, config->user);
		(void)curl_easy_setopt(smtp->curl, CURLOPT_PASSWORD, config->password);
	}
	return smtp;
}

void
smtp_free(struct smtp *smtp)
{
	if (smtp == NULL)
		return;
	curl_easy_cleanup(smtp->curl);
	free(smtp->url);
	free(smtp);
}

static enum smtp_outcome
outcome_of(CURLcode code, const struct sending *sending)
{
	if (code == CURLE_OK)
		return SMTP_SENT;
	if (code == CURLE_ABORTED_BY_CALLBACK)
		return SMTP_STOPPED;
	/*
	 * Who refuses the sender, or wants another account or encryption (530), does so to every mail: an
	 * administrator can help, and the mails wait.  421: the server closes, for everybody.
	 */
	if (!sending->named || sending->goes_on || sending->code < 400 || sending->code == 421)
		return SMTP_DOWN;
	return sending->code < 500 ? SMTP_LATER : SMTP_REFUSED;
}

void
smtp_send(struct smtp *smtp, const char *recipient, const char *text, size_t len,
	  struct smtp_result *result)
{
	struct sending sending = { .config = smtp->config, .text = text, .left = len };
	struct curl_slist *recipients = curl_slist_append(NULL, recipient);
	CURLcode code = CURLE_OUT_OF_MEMORY;

	smtp->error[0] = '\0';
	if (recipients != NULL) {
		(void)curl_easy_setopt(smtp->curl, CURLOPT_MAIL_RCPT, recipients);
		(void)curl_easy_setopt(smtp->curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)len);
		(void)curl_easy_setopt(smtp->curl, CURLOPT_READDATA, &sending);
		(void)curl_easy_setopt(smtp->curl, CURLOPT_HEADERDATA, &sending);
		(void)curl_easy_setopt(smtp->curl, CURLOPT_DEBUGDATA, &sending);
		(void)curl_easy_setopt(smtp->curl, CURLOPT_XFERINFODATA, &sending);
		code = curl_easy_perform(smtp->curl);
		(void)curl_easy_setopt(smtp->curl, CURLOPT_MAIL_RCPT, NULL);
	}
	result->outcome = outcome_of(code, &sending);
	result->reason[0] = '\0';
	if (result->outcome == SMTP_STOPPED)
		(void)str_copy(result->reason, sizeof(result->reason), "the notifier was stopped");
	else if (code != CURLE_OK && sending.code >= 400)
		(void)str_copy(result->reason, sizeof(result->reason), sending.reply);
	else if (code != CURLE_OK)
		(void)str_copy(result->reason, sizeof(result->reason),
			       smtp->error[0] != '\0' ? smtp->error : curl_easy_strerror(code));
	str_make_line(result->reason);
	curl_slist_free_all(recipients);
}
