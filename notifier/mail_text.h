/* SPDX-License-Identifier: Apache-2.0 */
/* notifier/mail_text.h: what a mail says about its job. */
#ifndef NOTIFIER_MAIL_TEXT_H
#define NOTIFIER_MAIL_TEXT_H

#include <stdbool.h>
#include <stdint.h>

struct buf;

/* A claimed row of jqm.mail_text.  Texts are borrowed; NULL where the job has none. */
struct mail {
	int64_t id;
	int64_t try;
	int64_t created_us; /* since 1970 */
	int64_t job_id;
	bool is_late; /* it runs long, instead of: it is over */
	const char *recipient, *definition, *state;
	const char *exit_code, *signal, *reason;
	const char *queue, *node, *user, *parent, *session;
	const char *attempt, *failures; /* how often it was taken; how many of these failed */
	const char *enqueued, *started, *ended; /* "2026-01-31 10:20:30 UTC" */
	const char *alert_after_min;
	const char *files; /* names, one a line */
	int64_t file_count; /* of which files names the first */
};

/*
 * The whole message from address from, ready for a mail server, into out (look at it with buf_check()).  No text
 * of the job can become a header or a second message.  The same mail is the same bytes at each try.
 */
void mail_text_write(struct buf *out, const struct mail *mail, const char *from);

#endif
