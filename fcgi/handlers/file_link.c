/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/handlers/file_link.c: links that open one file without an account: made and revoked.  job_file.c opens them. */
#include <inttypes.h>

#include "base/err.h"
#include "base/log.h"
#include "base/num.h"
#include "codec/docs.h"
#include "conf/settings.h"
#include "fcgi/authz.h"
#include "fcgi/document.h"
#include "fcgi/exchange.h"
#include "fcgi/handlers/handlers.h"
#include "fcgi/route.h"
#include "model/deliverable.h"
#include "model/file_link.h"
#include "store/deliverable_store.h"
#include "store/file_link_store.h"

#define DAY_S (24 * 60 * 60)

/* The file of the path, by its number or its GUID, if the caller may read it. */
static int
read_file(struct exchange *x, struct deliverable *out, struct err *err)
{
	const char *asked = x->path_values[0];
	int64_t id;
	int rc;

	if (num_int64(asked, 0, INT64_MAX, &id) == 0)
		rc = deliverable_by_id(x->db, id, exchange_memory(x), out, err);
	else
		rc = deliverable_by_random_id(x->db, asked, exchange_memory(x), out, err);
	if (rc == 0 && exchange_may_see_job(x, out->job_id, err) == -1)
		rc = err->kind == ERR_NOT_FOUND
			 ? err_set(err, ERR_NOT_FOUND, "there is no file %s", asked)
			 : -1;
	return rc;
}

int
file_link_give(struct exchange *x, struct err *err)
{
	int64_t longest = settings_int(x->settings, "fcgi:link_max_s"), seconds;
	struct deliverable file;
	struct file_link link;
	const char *token;

	if (longest == 0)
		return err_set(err, ERR_DENIED,
			       "this server gives no links (fcgi:link_max_s is 0)");
	if (x->identity.account_id == 0)
		return err_set(err, ERR_DENIED, "log in first: a link counts on its maker");
	if (exchange_query_int(x, "seconds", 1, longest, longest < DAY_S ? longest : DAY_S,
			       &seconds, err) == -1 ||
	    read_file(x, &file, err) == -1 ||
	    file_link_make(x->db, file.id, x->identity.account_id, seconds, exchange_memory(x),
			   &token, &link.expires_at, err) == -1)
		return -1;
	link.url = exchange_printf(x, "/ws/simple/link?token=%s", token);
	log_info("file_link_made",
		 "req=%s file=%" PRId64 " job=%" PRId64 " s=%" PRId64 " login=\"%s\"",
		 x->request.request_id, file.id, file.job_id, seconds, x->identity.login);
	return document_answer(x, &file_link_doc, &link, err);
}

/* Those of the caller; an administrator's call ends everybody's. */
int
file_link_take_back(struct exchange *x, struct err *err)
{
	bool all = authz_holds(&x->identity, PERMISSION_ALL);
	struct deliverable file;
	int64_t count;

	if (read_file(x, &file, err) == -1 ||
	    file_link_revoke(x->db, file.id, all ? 0 : x->identity.account_id, &count, err) == -1)
		return -1;
	log_info("file_links_revoked", "req=%s file=%" PRId64 " links=%" PRId64 " login=\"%s\"",
		 x->request.request_id, file.id, count, x->identity.login);
	return document_answer_number(x, count, err);
}
