/* SPDX-License-Identifier: Apache-2.0 */
/* codec/doc_json_parse.c: a text becomes a JSON document, or is refused before it does harm. */
#include "codec/doc_json_private.h"

#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"

/* Nesting is bounded before the parser recurses into it. */
static int
check_depth(const char *text, size_t len, struct err *err)
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
		}
	}
	return 0;
}

json_t *
doc_json_parse(const char *text, size_t len, struct err *err)
{
	json_error_t problem;
	json_t *root;

	if (check_depth(text, len, err) == -1)
		return NULL;
	root = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &problem);
	if (root == NULL) {
		size_t cut = strlen(problem.text);

		/* What it quotes of the document may be cut, or no UTF-8 at all. */
		while (cut > 0 && !str_utf8_valid(problem.text, cut))
			cut--;
		(void)err_set(err, ERR_INVALID, "document is not JSON: line %d column %d: %.*s",
			      problem.line, problem.column, (int)cut, problem.text);
	}
	return root;
}
