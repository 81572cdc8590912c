/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/handlers/job_def_transfer.h"

#include <stdint.h>

#include "base/buf.h"
#include "codec/doc_json.h"
#include "codec/docs.h"
#include "codec/job_def_xml.h"
#include "fcgi/exchange.h"
#include "model/job_def.h"
#include "store/job_def_store.h"

int
job_def_import(struct exchange *x, struct err *err)
{
	struct memory *memory = exchange_memory(x);
	struct buf json = BUF_INIT(SIZE_MAX);
	struct job_def_set set;
	struct job_def_import report;
	int rc;

	if (job_def_xml_read(x->request.body, x->request.body_len, memory, &set, err) == -1 ||
	    job_def_store_import(x->db, &set, memory, &report, err) == -1)
		return -1;
	doc_json_write(&job_def_import_doc, &report, &(struct doc_json_style){ false }, &json);
	rc = buf_check(&json, err);
	if (rc == 0)
		exchange_answer_bytes(x, 200, "application/json", json.data, json.len);
	buf_free(&json);
	return rc;
}
