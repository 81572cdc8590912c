/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/handlers/job_def_transfer.h"

#include <stdint.h>

#include "base/buf.h"
#include "codec/doc_json.h"
#include "codec/docs.h"
#include "codec/job_def_xml.h"
#include "fcgi/exchange.h"
#include "model/job_def.h"
#include "model/memory.h"
#include "store/job_def_store.h"

/* The exchange's arena, for codecs and stores. */
struct lent {
	struct memory memory;
	struct exchange *x;
};

static void *
lent_alloc(struct memory *memory, size_t size)
{
	struct lent *lent = (struct lent *)(void *)memory;

	return exchange_alloc(lent->x, size);
}

int
job_def_import(struct exchange *x, struct err *err)
{
	struct lent lent = { { lent_alloc }, x };
	struct buf json = BUF_INIT(SIZE_MAX);
	struct job_def_set set;
	struct job_def_import report;
	int rc;

	if (job_def_xml_read(x->request.body, x->request.body_len, &lent.memory, &set, err) == -1 ||
	    job_def_store_import(x->db, &set, &lent.memory, &report, err) == -1)
		return -1;
	doc_json_write(&job_def_import_doc, &report, &(struct doc_json_style){ false }, &json);
	rc = buf_check(&json, err);
	if (rc == 0)
		exchange_answer_bytes(x, 200, "application/json", json.data, json.len);
	buf_free(&json);
	return rc;
}
