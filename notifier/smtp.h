/* SPDX-License-Identifier: Apache-2.0 */
/* notifier/smtp.h: one mail to one address by SMTP, and what the mail server said. */
#ifndef NOTIFIER_SMTP_H
#define NOTIFIER_SMTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

enum smtp_tls { SMTP_TLS_NONE, SMTP_TLS_IF_OFFERED, SMTP_TLS_REQUIRED };

struct smtp_config {
	const char *host; /* a name or an address */
	int port;
	enum smtp_tls tls;
	const char *user, *password; /* NULL: none */
	const char *from;
	int64_t timeout_ms; /* of one mail */
	bool (*stop)(void *arg); /* asked at least each second while a mail is sent */
	void *stop_arg;
};

enum smtp_outcome {
	SMTP_SENT, /* the server has accepted it and answers for it */
	SMTP_REFUSED, /* it never will (5xx to recipient or text) */
	SMTP_LATER, /* this one not now (4xx to recipient or text) */
	SMTP_DOWN, /* no mail can be sent now: no server, no TLS, no login, our sender refused */
	SMTP_STOPPED /* stop() said so; it may have been sent all the same */
};

#define SMTP_REASON_SIZE 500
struct smtp_result {
	enum smtp_outcome outcome;
	char reason[SMTP_REASON_SIZE]; /* for a human: one line of UTF-8; "" when sent */
};

struct smtp; /* opaque */

/* config is borrowed.  NULL with ERR_INVALID for a host that is none. */
struct smtp *smtp_new(const struct smtp_config *config, struct err *err);
void smtp_free(struct smtp *smtp);

/* Send text, a whole message, to recipient.  Returns after about twice timeout_ms at the latest. */
void smtp_send(struct smtp *smtp, const char *recipient, const char *text, size_t len,
	       struct smtp_result *result);

#endif
