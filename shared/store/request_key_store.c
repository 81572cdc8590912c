/* SPDX-License-Identifier: Apache-2.0 */
#include "store/request_key_store.h"

#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "db/db.h"
#include "model/memory.h"
#include "store/int_param.h"

#define BYTEA "\\x"
#define BYTEA_LEN (sizeof(BYTEA) - 1)

DB_STMT(begin_stmt) = {
	.name = "request_key_begin",
	.text = "SELECT verdict, status, content_type, headers, encode(body, 'hex')"
		" FROM jqm.request_begin($1, $2, decode($3, 'hex'))",
	.n_params = 3,
};
enum { VERDICT, STATUS, TYPE, HEADERS, BODY };

DB_STMT(done_stmt) = {
	.name = "request_key_done",
	.text = "SELECT jqm.request_done($1, $2, $3, $4, $5, $6)",
	.n_params = 6,
};

static const char *const verdicts[] = {
	[REQUEST_NEW] = "new",
	[REQUEST_SAME] = "same",
	[REQUEST_OTHER] = "other",
	[REQUEST_BUSY] = "busy",
};

static int
read_answer(const struct db_result *rows, struct memory *memory, struct request_answer *out,
	    struct err *err)
{
	const char *hex = db_text(rows, 0, BODY);
	size_t len = hex == NULL ? 0 : strlen(hex) / 2;
	unsigned char *body = memory_alloc_array(memory, len + 1, 1);

	*out = (struct request_answer){
		.status = (int)db_int64(rows, 0, STATUS),
		.content_type = memory_dup(memory, db_text(rows, 0, TYPE)),
		.headers = memory_dup(memory, db_text(rows, 0, HEADERS)),
		.kept = hex != NULL,
		.body = (const char *)body,
		.body_len = len,
	};
	if (hex != NULL && str_unhex(body, len, hex) == -1)
		return err_set(err, ERR_INTERNAL, "an answer that was kept is not hexadecimal");
	return 0;
}

int
request_key_begin(struct db *db, const struct request_key *key, struct memory *memory,
		  enum request_verdict *verdict_out, struct request_answer *out, struct err *err)
{
	const char *const params[] = { key->owner, key->key, key->digest };
	struct db_result *rows = NULL;
	size_t verdict = 0;
	int rc = 0;

	if (db_exec(db, &begin_stmt, params, &rows, err) == -1)
		return -1;
	while (verdict < sizeof(verdicts) / sizeof(verdicts[0]) &&
	       strcmp(verdicts[verdict], db_text(rows, 0, VERDICT)) != 0)
		verdict++;
	*verdict_out = (enum request_verdict)verdict;
	if (*verdict_out == REQUEST_SAME)
		rc = read_answer(rows, memory, out, err);
	db_result_free(rows);
	return rc;
}

int
request_key_done(struct db *db, const struct request_key *key, const struct request_answer *answer,
		 struct memory *memory, struct err *err)
{
	char status[INT_PARAM_SIZE];
	char *body = NULL;

	if (answer->kept) {
		body = memory_alloc_array(memory, BYTEA_LEN + 2 * answer->body_len + 1, 1);
		memcpy(body, BYTEA, BYTEA_LEN);
		str_hex(body + BYTEA_LEN, (const unsigned char *)answer->body, answer->body_len);
	}
	return db_exec(db, &done_stmt,
		       (const char *const[]){ key->owner, key->key,
					      int_param(status, answer->status),
					      answer->content_type, answer->headers, body },
		       NULL, err);
}
