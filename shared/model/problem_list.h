/* SPDX-License-Identifier: Apache-2.0 */
/* model/problem_list.h: everything that is wrong with a document, for who would repair it in one go. */
#ifndef MODEL_PROBLEM_LIST_H
#define MODEL_PROBLEM_LIST_H

#include <stddef.h>

struct err;
struct memory;

#define PROBLEMS_MAX 100

/* The first PROBLEMS_MAX of them; count has no limit. */
struct problem_list {
	const char *items[PROBLEMS_MAX];
	size_t len, count;
};

/* Add a failure (err is cleared) or a text; copies live in memory. */
void problem_list_add(struct problem_list *list, struct memory *memory, struct err *err);
void problem_list_add_text(struct problem_list *list, struct memory *memory, const char *text);

/* 0 when the list is empty; else -1 and ERR_INVALID: the first problem, and how many more there are. */
int problem_list_check(const struct problem_list *list, struct err *err);

#endif
