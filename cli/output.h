/* SPDX-License-Identifier: Apache-2.0 */
/* cli/output.h: text from elsewhere, safe to show on a terminal. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "model/value.h"

struct buf;

/*
 * Append text with every control character (line feed and tab included), and every byte that is no
 * valid UTF-8, as \xNN; also the C1 controls (U+0080 to U+009F) and the marks that turn the reading
 * direction, as \u{N}.
 */
void output_escape(struct buf *buf, const char *text, size_t len);

/* The same, but line feeds and tabs stay: for a document shown on a terminal. */
void output_escape_lines(struct buf *buf, const char *text, size_t len);

/* Print text escaped. */
void output_text(FILE *file, const char *text);

/* Print a JSON document and a line feed: as it is, or escaped to a terminal. */
void output_document(FILE *file, const char *text, size_t len);

/* Print a moment (microseconds since 1970) in local time, "2026-01-31 10:20:30". */
void output_time(FILE *file, int64_t us);

/*
 * A line on standard output, for one value of a description: label filled up to width columns, a blank, the
 * value; text is escaped.  None when there is no value: NULL, "", not set.
 */
void output_text_line(int width, const char *label, const char *text);
void output_number_line(int width, const char *label, bool set, int64_t number);
void output_time_line(int width, const char *label, struct opt_time at);

/* Print text escaped, cut to and filled up to width columns (one per character), "~" where cut. */
void output_column(FILE *file, const char *text, size_t width);

#endif
