/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/handlers/job_def_read.c: what may be run. */
#include "base/err.h"
#include "codec/docs.h"
#include "fcgi/exchange.h"
#include "fcgi/document.h"
#include "fcgi/handlers/handlers.h"
#include "model/job_def_view.h"
#include "store/job_def_view_store.h"

int
job_def_list(struct exchange *x, struct err *err)
{
	struct job_def_view_list defs;

	if (job_def_view_list_all(x->db, x->scope, exchange_memory(x), &defs, err) == -1)
		return -1;
	return document_answer_list(x, &job_def_view_doc, defs.items, defs.len, err);
}

int
job_def_list_of_application(struct exchange *x, struct err *err)
{
	struct job_def_view_list defs;

	if (job_def_view_list_of(x->db, x->scope, x->path_values[0], exchange_memory(x), &defs,
				 err) == -1)
		return -1;
	return document_answer_list(x, &job_def_view_doc, defs.items, defs.len, err);
}

int
job_def_read_one(struct exchange *x, struct err *err)
{
	struct job_def_view def;

	if (job_def_view_named(x->db, x->scope, x->path_values[0], exchange_memory(x), &def, err) ==
	    -1)
		return -1;
	return document_answer(x, &job_def_view_doc, &def, err);
}
