/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/handlers/job_file.c: files of jobs.  nginx sends the bytes; here is decided who gets which, and
 * said in words why there is nothing.
 */
#include <inttypes.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "codec/docs.h"
#include "conf/settings.h"
#include "fcgi/audit.h"
#include "fcgi/authz.h"
#include "fcgi/exchange.h"
#include "fcgi/document.h"
#include "fcgi/handlers/handlers.h"
#include "fcgi/no_file.h"
#include "fcgi/other_node.h"
#include "fcgi/route.h"
#include "fcgi/stored_file.h"
#include "model/deliverable.h"
#include "model/error_report.h"
#include "store/deliverable_store.h"
#include "store/file_link_store.h"

/* Send the file from this node's store, or from the node that has it, under file_name. */
static int
answer_file_of(struct exchange *x, const struct deliverable *file, const char *file_name,
	       struct err *err)
{
	const char *what = exchange_printf(x, "file %" PRId64, file->id);
	const char *path = file->file_path, *directory;

	if (!other_node_is_here(x, file->node_name))
		return other_node_answer(x, file->node_name,
					 exchange_printf(x, "/ws/node/file/%s", file->random_id),
					 what, file_name, err);
	if (exchange_setting(x, "fcgi:delivery_store", &directory, err) == -1)
		return -1;
	if (stored_file_check(directory, path, err) == -1)
		return err->kind == ERR_NOT_FOUND
			   ? no_file(x, err, what, "does not exist (any more)")
			   : -1;
	/* nginx logs errors with the address that was asked for: where that is a key it logs none. */
	exchange_answer_file(
	    x, (x->route->limits & ROUTE_ADDRESS_IS_KEY) != 0 ? "/-/linked/" : "/-/deliverables/",
	    path, file_name, NULL);
	return 0;
}

/* The name a file is offered under: JQM's, which no two files share; or the one its job gave it. */
enum offered_name { NAME_OF_JQM, NAME_OF_JOB };

/* asked is how the caller named the file: the answer to who may not see its job is the same as for a
 * file that is not there. */
static int
answer_deliverable(struct exchange *x, const struct deliverable *file, const char *asked,
		   enum offered_name offered, struct err *err)
{
	const char *path = file->file_path;

	if (exchange_may_see_job(x, file->job_id, err) == -1)
		return err->kind == ERR_NOT_FOUND
			   ? err_set(err, ERR_NOT_FOUND, "there is no file %s", asked)
			   : -1;
	if (path[0] == '/' || stored_path_has_dots(path) || strpbrk(path, "\t\r\n") != NULL ||
	    str_control_count(path) != 0)
		return err_set(err, ERR_INTERNAL, "path \"%s\" of file %" PRId64 " is none of ours",
			       path, file->id);
	if (answer_file_of(x, file,
			   offered == NAME_OF_JOB && file->original_name != NULL
			       ? file->original_name
			       : deliverable_download_name(file, exchange_memory(x)),
			   err) == -1)
		return -1;
	return audit_say_read(x, "file", file->id, NULL, err);
}

static int
answer_file_by_guid(struct exchange *x, const char *guid, struct err *err)
{
	struct deliverable file;

	if (deliverable_by_random_id(x->db, guid, exchange_memory(x), &file, err) == -1 ||
	    answer_deliverable(x, &file, exchange_printf(x, "\"%s\"", guid), NAME_OF_JQM, err) ==
		-1) {
		if (err->kind == ERR_NOT_FOUND || err->kind == ERR_INVALID)
			x->response.error_code = ERROR_CODE_NO_FILE;
		return -1;
	}
	return 0;
}

int
file_by_random_id(struct exchange *x, struct err *err)
{
	const char *guid;

	if (exchange_query_value(x, "id", &guid, err) == -1)
		return -1;
	return answer_file_by_guid(x, guid == NULL ? "" : guid, err);
}

/* For another node, which has checked that its caller may have it. */
int
file_for_node(struct exchange *x, struct err *err)
{
	return answer_file_by_guid(x, x->path_values[0], err);
}

static int
answer_file_by_id(struct exchange *x, int64_t id, enum offered_name offered, struct err *err)
{
	struct deliverable file;

	if (deliverable_by_id(x->db, id, exchange_memory(x), &file, err) == -1)
		return -1;
	return answer_deliverable(x, &file, exchange_printf(x, "%" PRId64, id), offered, err);
}

int
file_by_id(struct exchange *x, struct err *err)
{
	const char *name;
	int64_t id;

	if (exchange_path_id(x, 0, &id, err) == -1 ||
	    exchange_query_value(x, "name", &name, err) == -1)
		return -1;
	if (name != NULL && strcmp(name, "original") != 0)
		return err_set(err, ERR_INVALID, "query parameter \"name\" must be original");
	return answer_file_by_id(x, id, name == NULL ? NAME_OF_JQM : NAME_OF_JOB, err);
}

/* As JQM's clients ask: with a whole deliverable, of which only the id counts. */
int
file_by_document(struct exchange *x, struct err *err)
{
	struct deliverable asked;

	if (document_read(x, &deliverable_doc, &asked, err) == -1)
		return -1;
	return answer_file_by_id(x, asked.id, NAME_OF_JQM, err);
}

/* The maker's rights count, as they are now: then the link is as if it asked itself. */
int
file_by_link(struct exchange *x, struct err *err)
{
	struct file_link_opened link;
	struct deliverable file;
	const char *token;

	if (exchange_query_value(x, "token", &token, err) == -1 ||
	    file_link_open(x->db, token == NULL ? "" : token, exchange_memory(x), &link, err) == -1)
		return -1;
	x->identity.kind = IDENTITY_ACCOUNT;
	x->identity.login = link.login;
	x->identity.account_id = link.account_id;
	x->identity.permissions = link.permissions;
	x->identity.credential = "link";
	audit_say_who(x);
	if (settings_int(x->settings, "fcgi:link_max_s") == 0 ||
	    authz_permit_account(x, "files:read", true, err) == -1)
		return err_set(err, ERR_NOT_FOUND, "this link opens nothing (any more)");
	if (deliverable_by_id(x->db, link.file_id, exchange_memory(x), &file, err) == -1)
		return -1;
	log_info("file_link_opened", "req=%s file=%" PRId64 " maker=\"%s\" addr=%s",
		 x->request.request_id, file.id, link.login, x->request.remote_addr);
	return answer_deliverable(x, &file, exchange_printf(x, "%" PRId64, file.id), NAME_OF_JOB,
				  err);
}
