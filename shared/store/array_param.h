/* SPDX-License-Identifier: Apache-2.0 */
/* store/array_param.h: lists as array parameters of statements. */
#ifndef STORE_ARRAY_PARAM_H
#define STORE_ARRAY_PARAM_H

struct buf;
struct text_list;

/* {"a","b\"c"}: a text[] whatever the texts hold. */
void array_param_texts(struct buf *buf, const struct text_list *list);

#endif
