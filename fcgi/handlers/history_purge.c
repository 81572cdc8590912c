/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/handlers/history_purge.c: old history is ordered to go; runners do it. */
#include <inttypes.h>

#include "base/err.h"
#include "base/log.h"
#include "base/num.h"
#include "codec/docs.h"
#include "fcgi/document.h"
#include "fcgi/exchange.h"
#include "fcgi/handlers/handlers.h"
#include "model/purge.h"
#include "store/purge_store.h"

/* DELETE /ws/admin/history?olderThan=90d[&dryRun=true] */
int
history_purge(struct exchange *x, struct err *err)
{
	const char *age, *dry;
	struct purge purge = { 0 };
	int64_t age_s;
	int dry_run = 0;

	if (exchange_query_value(x, "olderThan", &age, err) == -1 ||
	    exchange_query_value(x, "dryRun", &dry, err) == -1)
		return -1;
	if (age == NULL)
		return err_set(err, ERR_INVALID, "query parameter \"olderThan\" is missing");
	if (num_age_s(age, &age_s) == -1)
		return err_set(err, ERR_INVALID, "query parameter \"olderThan\": " NUM_AGE_WANTED);
	if (dry != NULL && num_bool(dry, &dry_run) == -1)
		return err_set(err, ERR_INVALID,
			       "query parameter \"dryRun\" is neither true nor false");
	purge.dry_run = dry_run != 0;
	if (purge_order(x->db, age_s, purge.dry_run, x->identity.login, &purge.jobs, err) == -1)
		return -1;
	if (!purge.dry_run)
		log_info("history_purge_ordered",
			 "req=%s older_than_s=%" PRId64 " jobs=%" PRId64 " login=\"%s\"",
			 x->request.request_id, age_s, purge.jobs, x->identity.login);
	return document_answer(x, &purge_doc, &purge, err);
}
