/* SPDX-License-Identifier: Apache-2.0 */
/* store/array_param.h: lists as array parameters of statements. */
#ifndef STORE_ARRAY_PARAM_H
#define STORE_ARRAY_PARAM_H

struct buf;
struct memory;
struct text_list;

/* {"a","b\"c"}: a text[] whatever the texts hold. */
void array_param_texts(struct buf *buf, const struct text_list *list);

/* The same in memory; NULL, which is SQL's, for no list. */
const char *array_param(struct memory *memory, const struct text_list *list);

#endif
