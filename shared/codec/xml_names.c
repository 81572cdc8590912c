/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/xml_names.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "model/problem_list.h"

static int
compare(const void *a, const void *b)
{
	const struct xml_name *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order != 0 ? order : (x->line > y->line) - (x->line < y->line);
}

void
xml_names_check(struct xml_name *list, size_t len, const char *what, struct memory *memory,
		struct problem_list *problems)
{
	struct err err = ERR_INIT;
	size_t first = 0;

	if (len > 0)
		qsort(list, len, sizeof(list[0]), compare);
	for (size_t i = 1; i < len; i++) {
		if (strcmp(list[first].name, list[i].name) != 0) {
			first = i;
			continue;
		}
		(void)err_set(&err, ERR_INVALID,
			      "line %d: %s \"%.*s\" is described on line %d already", list[i].line,
			      what, STR_CUT(list[i].name, 100), list[first].line);
		problem_list_add(problems, memory, &err);
	}
}
