/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/handlers/input_file.c: files given to a job before it runs, which it fetches with its token. */
#include <inttypes.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "fcgi/audit.h"
#include "fcgi/content_disposition.h"
#include "fcgi/document.h"
#include "fcgi/exchange.h"
#include "fcgi/handlers/handlers.h"
#include "store/input_file_store.h"
#include "store/job_instance_store.h"

#define HEADER_BYTES_MAX 4096

int
input_file_give(struct exchange *x, struct err *err)
{
	const struct input_file file = { (const unsigned char *)x->request.body,
					 x->request.body_len };
	char name[LOG_VALUE_SIZE];
	int64_t job_id, id;

	if (exchange_path_id(x, 0, &job_id, err) == -1 ||
	    exchange_may_see_job(x, job_id, err) == -1 ||
	    input_file_add(x->db, job_id, x->path_values[1], &file, &id, err) == -1)
		return -1;
	log_info("file_given", "req=%s job=%" PRId64 " name=\"%s\" bytes=%zu login=\"%s\"",
		 x->request.request_id, job_id, log_value(name, x->path_values[1]), file.len,
		 x->identity.login);
	return document_answer_number(x, id, err);
}

int
input_file_list(struct exchange *x, struct err *err)
{
	struct job_place place;
	struct text_list names;
	int64_t job_id;

	if (exchange_path_id(x, 0, &job_id, err) == -1 ||
	    exchange_may_see_job(x, job_id, err) == -1 ||
	    job_instance_place(x->db, job_id, exchange_memory(x), &place, err) == -1 ||
	    input_file_names(x->db, job_id, exchange_memory(x), &names, err) == -1)
		return -1;
	return document_answer_texts(x, &names, err);
}

int
input_file_fetch(struct exchange *x, struct err *err)
{
	struct buf disposition = BUF_INIT(HEADER_BYTES_MAX);
	struct input_file file;
	int64_t job_id;

	if (exchange_path_id(x, 0, &job_id, err) == -1 ||
	    exchange_may_see_job(x, job_id, err) == -1 ||
	    input_file_read(x->db, job_id, x->path_values[1], exchange_memory(x), &file, err) == -1)
		return -1;
	exchange_answer_bytes(x, 200, "application/octet-stream", file.bytes, file.len);
	content_disposition(&disposition, x->path_values[1]);
	exchange_header(x, "Content-Disposition", buf_text(&disposition));
	buf_free(&disposition);
	return audit_say_read(x, "inputfile", job_id, x->path_values[1], err);
}
