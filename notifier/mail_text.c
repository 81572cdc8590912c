/* SPDX-License-Identifier: Apache-2.0 */
#include "notifier/mail_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/num.h"
#include "base/str.h"
#include "notifier/mime.h"

#define SUBJECT_NAME_MAX 100
#define SUBJECT_WHY_MAX 200
#define BODY_MAX_BYTES ((size_t)256 * 1024)
#define NAME_WIDTH 13

/* "ENDED", "CRASHED: exit code 3", "runs longer than 30 min" */
static void
put_outcome(struct buf *out, const struct mail *mail, size_t why_max)
{
	if (mail->is_late) {
		buf_printf(out, "%s longer than ",
			   strcmp(mail->state, "RUNNING") == 0 ? "runs" : "ran");
		if (mail->alert_after_min == NULL)
			buf_puts(out, "expected");
		else
			buf_printf(out, "%s min", mail->alert_after_min);
		return;
	}
	buf_puts(out, mail->state);
	if (mail->reason != NULL && mail->reason[0] != '\0')
		buf_printf(out, ": %.*s", STR_CUT(mail->reason, why_max));
	else if (mail->signal != NULL)
		buf_printf(out, ": killed by signal %s", mail->signal);
	else if (mail->exit_code != NULL && strcmp(mail->exit_code, "0") != 0)
		buf_printf(out, ": exit code %s", mail->exit_code);
}

/* The rest of a line of the body, whatever text holds. */
static void
put_text(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++)
		buf_putc(out, *text == '\n' || *text == '\r' ? ' ' : *text);
	buf_putc(out, '\n');
}

/* One line; none when there is nothing to say. */
static void
put_line(struct buf *out, const char *name, const char *text)
{
	if (text == NULL || text[0] == '\0')
		return;
	buf_printf(out, "%-*s", NAME_WIDTH, name);
	put_text(out, text);
}

static void
put_signal(struct buf *out, const char *number_text)
{
	int64_t number;
	char *text;

	if (number_text == NULL || num_int64(number_text, 1, 64, &number) == -1)
		return;
	text = str_printf("%s (%s)", number_text, strsignal((int)number));
	put_line(out, "Signal:", text);
	free(text);
}

static void
put_attempts(struct buf *out, const struct mail *mail)
{
	char *text;

	if (mail->attempt == NULL || strcmp(mail->attempt, "0") == 0)
		return;
	if (mail->failures == NULL || strcmp(mail->failures, "0") == 0)
		text = str_dup(mail->attempt);
	else
		text = str_printf("%s, of which %s failed before", mail->attempt, mail->failures);
	put_line(out, "Attempts:", text);
	free(text);
}

static void
put_files(struct buf *out, const struct mail *mail)
{
	int64_t named = 0;

	if (mail->file_count == 0 || mail->files == NULL)
		return;
	buf_printf(out, "\nDelivered files: %" PRId64 "\n", mail->file_count);
	for (const char *name = mail->files; *name != '\0'; named++) {
		size_t len = strcspn(name, "\n");

		buf_printf(out, "  %.*s\n", (int)len, name);
		name += len + (name[len] == '\n');
	}
	if (named < mail->file_count)
		buf_printf(out, "  and %" PRId64 " more\n", mail->file_count - named);
}

/* What to type next. */
static void
put_where(struct buf *out, const struct mail *mail)
{
	buf_printf(out, "\nMore of it:       jqm job %" PRId64 "\n", mail->job_id);
	if (mail->started != NULL)
		buf_printf(out,
			   "What it printed:  jqm log %" PRId64 "\n"
			   "                  jqm log %" PRId64 " --stderr\n",
			   mail->job_id, mail->job_id);
	if (mail->file_count > 0)
		buf_printf(out, "Its files:        jqm files %" PRId64 "\n", mail->job_id);
}

static void
put_body(struct buf *out, const struct mail *mail)
{
	struct buf first = BUF_INIT(BODY_MAX_BYTES);

	buf_printf(&first, "Job %" PRId64 " %s ", mail->job_id, mail->definition);
	put_outcome(&first, mail, SUBJECT_WHY_MAX);
	put_text(out, buf_text(&first));
	buf_free(&first);
	buf_putc(out, '\n');
	put_line(out, "Definition:", mail->definition);
	put_line(out, "State:", mail->state);
	put_line(out, "Exit code:", mail->exit_code);
	put_signal(out, mail->signal);
	put_line(out, "Reason:", mail->reason);
	put_attempts(out, mail);
	put_line(out, "Queue:", mail->queue);
	put_line(out, "Node:", mail->node);
	put_line(out, "User:", mail->user);
	put_line(out, "Session:", mail->session);
	put_line(out, "Parent job:", mail->parent);
	put_line(out, "Enqueued:", mail->enqueued);
	put_line(out, "Started:", mail->started);
	put_line(out, "Ended:", mail->ended);
	put_files(out, mail);
	put_where(out, mail);
}

static void
put_date(struct buf *out, int64_t us)
{
	time_t seconds = (time_t)(us / 1000000);
	char text[64] = "";
	struct tm tm;

	/* Nobody called setlocale(): the names are English. */
	if (gmtime_r(&seconds, &tm) != NULL)
		(void)strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S +0000", &tm);
	mime_header(out, "Date", text);
}

void
mail_text_write(struct buf *out, const struct mail *mail, const char *from)
{
	struct buf text = BUF_INIT(BODY_MAX_BYTES);
	const char *domain = strchr(from, '@');

	buf_printf(&text, "[JQM] Job %" PRId64 " %.*s ", mail->job_id,
		   STR_CUT(mail->definition, SUBJECT_NAME_MAX));
	put_outcome(&text, mail, SUBJECT_WHY_MAX);
	put_date(out, mail->created_us);
	/* Addresses were looked at (mime_is_address()) and are short: they stand as they are. */
	buf_printf(out, "From: %s\r\nTo: %s\r\n", from, mail->recipient);
	mime_header(out, "Subject", buf_text(&text));
	buf_printf(out, "Message-ID: <jqm.%" PRId64 ".%" PRId64 "@%s>\r\n", mail->id,
		   mail->created_us, domain == NULL ? "localhost" : domain + 1);
	buf_puts(out, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
		      "Content-Type: text/plain; charset=utf-8\r\n"
		      "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
	buf_free(&text);
	put_body(&text, mail);
	if (text.failed)
		out->failed = true;
	mime_quoted_printable(out, buf_text(&text));
	buf_free(&text);
}
