/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/handlers/job_def_transfer.h"

#include <inttypes.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "codec/doc_json.h"
#include "codec/docs.h"
#include "codec/job_def_xml.h"
#include "fcgi/exchange.h"
#include "model/job_def.h"
#include "store/job_def_store.h"

#define DESCRIPTOR_BYTES_MAX (64u * 1024 * 1024)

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

static int
answer_descriptor(struct exchange *x, int64_t id, const char *file_name, struct err *err)
{
	struct buf xml = BUF_INIT(DESCRIPTOR_BYTES_MAX);
	struct job_def_set set;
	int rc;

	if (job_def_store_export(x->db, id, exchange_memory(x), &set, err) == -1)
		return -1;
	if (set.defs_len == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no job definition");
	job_def_xml_write(&set, &xml);
	rc = buf_check(&xml, err);
	if (rc == 0) {
		exchange_answer_bytes(x, 200, "application/xml", xml.data, xml.len);
		exchange_header(x, "Content-Disposition",
				exchange_printf(x, "attachment; filename=\"%s\"", file_name));
		exchange_header(x, "Cache-Control", "no-cache");
	}
	buf_free(&xml);
	return rc;
}

int
job_def_export(struct exchange *x, struct err *err)
{
	int64_t id;

	if (exchange_path_id(x, 0, &id, err) == -1)
		return -1;
	return answer_descriptor(x, id, exchange_printf(x, "jobdef_%" PRId64 ".xml", id), err);
}

int
job_def_export_all(struct exchange *x, struct err *err)
{
	return answer_descriptor(x, JOB_DEF_ALL, "jobdef.xml", err);
}
