/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/json_param.h: lists of objects as jsonb parameters of our own SQL functions.  Not a codec:
 * it writes only, and what it writes PostgreSQL accepts whatever bytes the texts hold.
 */
#ifndef STORE_JSON_PARAM_H
#define STORE_JSON_PARAM_H

#include <stdint.h>

struct buf;
struct text_map;

/* A JSON string; bytes that are no UTF-8 become the four characters \xNN. */
void json_param_text(struct buf *buf, const char *text);

/* {"key": "value", ..}; a key without a value gets null, a secret one {"secret": "value"}, its value sealed or "" for
 * "as it is". */
void json_param_map(struct buf *buf, const struct text_map *map);

/* [{"id": .., "attempt": ..}, ..] of n jobs into fresh memory. */
struct job_key {
	int64_t id;
	int32_t attempt;
};
char *json_param_jobs(const struct job_key *jobs, unsigned long n);

#endif
