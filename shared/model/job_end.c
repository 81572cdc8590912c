/* SPDX-License-Identifier: Apache-2.0 */
#include "model/job_end.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

#define MESSAGE_BYTES_MAX 1000

void
job_end_init(struct job_end *end, int64_t id, int32_t attempt)
{
	memset(end, 0, sizeof(*end));
	end->id = id;
	end->attempt = attempt;
	end->exit_code = -1;
	end->reason = str_dup("");
}

/* The whole text in fresh memory: it is cut later, between characters. */
static char *__attribute__((format(printf, 1, 0))) format_text(const char *fmt, va_list ap)
{
	char *text = NULL;

	if (vasprintf(&text, fmt, ap) == -1)
		abort();
	return text;
}

void
job_end_set(struct job_end *end, enum job_end_state state, const char *fmt, ...)
{
	char *first = end->reason;
	char *text;
	va_list ap;

	end->state = state;
	va_start(ap, fmt);
	text = format_text(fmt, ap);
	va_end(ap);
	end->reason =
	    str_printf("%s%s%s", first, first[0] != '\0' && text[0] != '\0' ? "; " : "", text);
	end->reason[str_utf8_cut(end->reason, JOB_END_REASON_MAX)] = '\0';
	free(first);
	free(text);
}

void
job_end_say(struct job_end *end, const char *fmt, ...)
{
	char *text;
	va_list ap;

	if (end->n_messages == JOB_END_MESSAGES_MAX) {
		end->n_unsaid++;
		return;
	}
	if (end->messages == NULL)
		end->messages = calloc(JOB_END_MESSAGES_MAX, sizeof(end->messages[0]));
	if (end->messages == NULL)
		abort();
	va_start(ap, fmt);
	text = format_text(fmt, ap);
	va_end(ap);
	text[str_utf8_cut(text, MESSAGE_BYTES_MAX)] = '\0';
	end->messages[end->n_messages++] = text;
}

void
job_end_add_file(struct job_end *end, const char *guid, char *path, char *name, int64_t size_bytes,
		 const char *sha256)
{
	struct job_end_file *f;

	if (end->n_files == end->files_size) {
		end->files_size = end->files_size * 2 + 4;
		end->files = reallocarray(end->files, end->files_size, sizeof(end->files[0]));
		if (end->files == NULL)
			abort();
	}
	f = &end->files[end->n_files++];
	(void)str_copy(f->guid, sizeof(f->guid), guid);
	(void)str_copy(f->sha256, sizeof(f->sha256), sha256);
	f->path = path;
	f->name = name;
	f->size_bytes = size_bytes;
}

void
job_end_join(struct job_end *end, struct job_end *more)
{
	for (size_t i = 0; i < more->n_messages; i++)
		job_end_say(end, "%s", more->messages[i]);
	end->n_unsaid += more->n_unsaid;
	for (size_t i = 0; i < more->n_files; i++) {
		struct job_end_file *f = &more->files[i];

		job_end_add_file(end, f->guid, f->path, f->name, f->size_bytes, f->sha256);
	}
	more->n_files = 0; /* path and name are end's */
	job_end_strip(more);
	if (end->state == JOB_END_ENDED && more->state != JOB_END_ENDED)
		job_end_set(end, more->state, "%s", more->reason);
}

void
job_end_strip(struct job_end *end)
{
	for (size_t i = 0; i < end->n_messages; i++)
		free(end->messages[i]);
	for (size_t i = 0; i < end->n_files; i++) {
		free(end->files[i].path);
		free(end->files[i].name);
	}
	free(end->messages);
	free(end->files);
	end->messages = NULL;
	end->files = NULL;
	end->n_messages = end->n_unsaid = end->n_files = end->files_size = 0;
}

const char *
job_end_state_name(enum job_end_state state)
{
	switch (state) {
	case JOB_END_ENDED:
		return "ENDED";
	case JOB_END_CRASHED:
		return "CRASHED";
	case JOB_END_KILLED:
		return "KILLED";
	}
	return "CRASHED";
}

void
job_end_free(struct job_end *end)
{
	job_end_strip(end);
	free(end->reason);
	end->reason = NULL;
}
