/* SPDX-License-Identifier: Apache-2.0 */
#include "model/problem_list.h"

#include "base/err.h"
#include "base/str.h"
#include "model/memory.h"

/* The first problem in an err with room for "(and N more problems)". */
#define FIRST_BYTES_MAX (ERR_TEXT_SIZE - 50)

void
problem_list_add_text(struct problem_list *list, struct memory *memory, const char *text)
{
	if (list->len < PROBLEMS_MAX)
		list->items[list->len++] = memory_dup(memory, text);
	list->count++;
}

void
problem_list_add(struct problem_list *list, struct memory *memory, struct err *err)
{
	problem_list_add_text(list, memory, err->text);
	err_clear(err);
}

int
problem_list_check(const struct problem_list *list, struct err *err)
{
	if (list->count == 0)
		return 0;
	if (list->count == 1)
		return err_set(err, ERR_INVALID, "%s", list->items[0]);
	return err_set(err, ERR_INVALID, "%.*s (and %zu more problem%s)",
		       STR_CUT(list->items[0], FIRST_BYTES_MAX), list->count - 1,
		       list->count == 2 ? "" : "s");
}
