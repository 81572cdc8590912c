/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/xml_names.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

static int
compare(const void *a, const void *b)
{
	const struct xml_name *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order != 0 ? order : (x->line > y->line) - (x->line < y->line);
}

int
xml_names_check(struct xml_name *list, size_t len, const char *what, struct err *err)
{
	if (len > 0)
		qsort(list, len, sizeof(list[0]), compare);
	for (size_t i = 1; i < len; i++)
		if (strcmp(list[i - 1].name, list[i].name) == 0)
			return err_set(err, ERR_INVALID,
				       "line %d: %s \"%s\" is described on line %d already",
				       list[i].line, what, list[i].name, list[i - 1].line);
	return 0;
}
