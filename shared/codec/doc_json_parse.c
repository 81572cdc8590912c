/* SPDX-License-Identifier: Apache-2.0 */
/* codec/doc_json_parse.c: a text becomes a JSON document, or is refused before it does harm. */
#include "codec/doc_json_private.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#define PARSE_FLAGS (JSON_REJECT_DUPLICATES | JSON_DECODE_ANY)

/* Nesting is bounded before the parser recurses into it.  *odd: there may be a number that is. */
static int
check_depth(const char *text, size_t len, bool *odd, struct err *err)
{
	int depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < len; i++) {
		if (quoted) {
			if (text[i] == '\\')
				i++;
			else if (text[i] == '"')
				quoted = false;
		} else if (text[i] == '"') {
			quoted = true;
		} else if (text[i] == '{' || text[i] == '[') {
			if (++depth > WIRE_DEPTH_MAX)
				return err_set(err, ERR_INVALID,
					       "document is nested deeper than %d levels",
					       WIRE_DEPTH_MAX);
		} else if (text[i] == '}' || text[i] == ']') {
			depth--;
		} else if (text[i] == '-' || (text[i] >= '0' && text[i] <= '9')) {
			size_t n = doc_json_number_len(text, len, i);

			if (n > 1) {
				*odd = *odd || doc_json_number_is_odd(text + i, n);
				i += n - 1;
			}
		} else if (text[i] == '\0') { /* the parser overlooks one behind a number */
			return err_set(err, ERR_INVALID, "document is not JSON: byte %zu is NUL",
				       i + 1);
		}
	}
	return 0;
}

static void
refuse(const json_error_t *problem, struct err *err)
{
	size_t cut = strlen(problem->text);

	/* What it quotes of the document may be cut, or no UTF-8 at all. */
	while (cut > 0 && !str_utf8_valid(problem->text, cut))
		cut--;
	(void)err_set(err, ERR_INVALID, "document is not JSON: line %d column %d: %.*s",
		      problem->line, problem->column, (int)cut, problem->text);
}

/* Each number that is odd says where it stands in text. */
static json_t *
parse_marked(const char *text, size_t len, json_error_t *problem)
{
	struct buf marked = BUF_INIT(SIZE_MAX / 2);
	json_error_t as_it_is;
	json_t *root = NULL;

	doc_json_number_mark(text, len, &marked);
	if (!marked.failed)
		root = json_loadb(buf_text(&marked), marked.len, PARSE_FLAGS, problem);
	buf_free(&marked);
	if (root != NULL)
		return root;
	/* Places and words of the caller's own text, unless that fails for a number already. */
	json_decref(json_loadb(text, len, PARSE_FLAGS, &as_it_is));
	if (json_error_code(&as_it_is) != json_error_numeric_overflow)
		*problem = as_it_is;
	return NULL;
}

json_t *
doc_json_parse(const char *text, size_t len, struct err *err)
{
	json_error_t problem = { .line = -1, .column = -1, .text = "out of memory" };
	bool odd = false;
	json_t *root;

	if (check_depth(text, len, &odd, err) == -1)
		return NULL;
	root =
	    odd ? parse_marked(text, len, &problem) : json_loadb(text, len, PARSE_FLAGS, &problem);
	if (root == NULL)
		refuse(&problem, err);
	return root;
}
