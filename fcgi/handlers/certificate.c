/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/handlers/certificate.c: client certificates of accounts: issued, listed, revoked; the authority's own. */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "codec/docs.h"
#include "codec/zip_write.h"
#include "crypto/pki.h"
#include "crypto/random_token.h"
#include "fcgi/document.h"
#include "fcgi/exchange.h"
#include "fcgi/handlers/handlers.h"
#include "fcgi/same_origin.h"
#include "model/certificate.h"
#include "pki/authority.h"
#include "store/certificate_store.h"

#define ARCHIVE_BYTES_MAX ((size_t)256 * 1024)
#define TRUST_BYTES_MAX ((size_t)128 * 1024 * 1024)
#define PASSWORD_CHARS 24
/* JQM's, for clients that know no other; only where global parameter "compatibleClientPfx" wants it. */
#define OLD_PASSWORD "SuperPassword"
#define OLD_PARAMETER "compatibleClientPfx"
#define PEM_TYPE "application/x-pem-file"

static int
issue(struct exchange *x, const struct certificate_order *order, struct certificate_issued *out,
      struct pki_key **key_out, struct err *err)
{
	struct authority_conf conf;
	int64_t account_id;
	int rc;

	if (exchange_path_id(x, 0, &account_id, err) == -1)
		return -1;
	if (authority_conf_read(x->settings, &conf, err) == -1) {
		err->kind = ERR_INTERNAL;
		return -1;
	}
	rc = authority_client(x->db, &conf, account_id, order, x->identity.login,
			      exchange_memory(x), out, key_out, err);
	authority_conf_free(&conf);
	if (rc == 0)
		log_info("certificate_issued",
			 "req=%s id=%" PRId64 " account=%" PRId64 " serial=%s login=\"%s\"",
			 x->request.request_id, out->id, account_id, out->serial,
			 x->identity.login);
	return rc;
}

int
certificate_issue(struct exchange *x, struct err *err)
{
	struct certificate_order order;
	struct certificate_issued issued;

	if (document_read(x, &certificate_order_doc, &order, err) == -1 ||
	    issue(x, &order, &issued, NULL, err) == -1)
		return -1;
	return document_answer(x, &certificate_issued_doc, &issued, err);
}

/* JQM's three files; a password of its own, told in a header, opens the last. */
static int
answer_archive(struct exchange *x, const struct certificate_issued *issued,
	       const struct pki_key *key, const char *password, bool for_old, struct err *err)
{
	struct buf pfx = BUF_INIT(ARCHIVE_BYTES_MAX), zip = BUF_INIT(ARCHIVE_BYTES_MAX);
	int rc =
	    pki_pkcs12(key, issued->certificate, issued->authority, password, for_old, &pfx, err);

	if (rc == 0) {
		const struct zip_member members[] = {
			{ "ca.cer", issued->authority, strlen(issued->authority) },
			{ "client.cer", issued->certificate, strlen(issued->certificate) },
			{ "client.pfx", pfx.data, pfx.len },
		};

		rc = zip_write(members, sizeof(members) / sizeof(members[0]), &zip, err);
	}
	if (rc == 0) {
		exchange_answer_bytes(x, 200, "application/zip", zip.data, zip.len);
		exchange_header(x, "Content-Disposition", "attachment; filename=\"user.zip\"");
		if (!for_old)
			exchange_header(x, "JQM-Certificate-Password",
					exchange_strdup(x, password));
	}
	buf_forget(&pfx);
	buf_free(&zip);
	return rc;
}

/*
 * GET /ws/admin/user/{id}/certificate[?days=N]: as JQM has it, though a GET that changes something: a page of another
 * site may not even do that.
 */
int
certificate_archive(struct exchange *x, struct err *err)
{
	struct certificate_order order = { .days = { false, 0 } };
	struct certificate_issued issued;
	struct pki_key *key = NULL;
	char password[PASSWORD_CHARS + 1];
	bool for_old = false;
	int rc;

	if (!same_origin_is_ours(x))
		return err_set(err, ERR_DENIED, "a page of another site may not do this");
	if (strcmp(x->request.method, "HEAD") == 0)
		return err_set(err, ERR_INVALID,
			       "each request makes a certificate; HEAD would make one for nobody");
	if (exchange_query_int(x, "days", 1, CERTIFICATE_DAYS_MAX, CERTIFICATE_DAYS,
			       &order.days.value, err) == -1 ||
	    certificate_parameter(x->db, OLD_PARAMETER, &for_old, err) == -1)
		return -1;
	order.days.set = true;
	if (random_text(password, PASSWORD_CHARS) == -1)
		return err_set(err, ERR_INTERNAL, "could not make a random password");
	rc = issue(x, &order, &issued, &key, err);
	if (rc == 0)
		rc = answer_archive(x, &issued, key, for_old ? OLD_PASSWORD : password, for_old,
				    err);
	explicit_bzero(password, sizeof(password));
	pki_key_free(key);
	return rc;
}

int
certificate_list(struct exchange *x, struct err *err)
{
	struct certificate_list list;
	int64_t account_id;

	if (exchange_query_int(x, "user", 1, INT64_MAX, 0, &account_id, err) == -1 ||
	    certificate_store_list(x->db, account_id, 0, exchange_memory(x), &list, err) == -1)
		return -1;
	exchange_header(x, "Cache-Control", "no-cache");
	return document_answer_list(x, &certificate_doc, list.items, list.len, err);
}

int
certificate_read(struct exchange *x, struct err *err)
{
	struct certificate_list list;
	int64_t id;

	if (exchange_path_id(x, 0, &id, err) == -1 ||
	    certificate_store_list(x->db, 0, id, exchange_memory(x), &list, err) == -1)
		return -1;
	if (list.len == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no certificate %" PRId64, id);
	exchange_header(x, "Cache-Control", "no-cache");
	return document_answer(x, &certificate_doc, &list.items[0], err);
}

int
certificate_revoke_one(struct exchange *x, struct err *err)
{
	const char *reason;
	int64_t id;

	if (exchange_path_id(x, 0, &id, err) == -1 ||
	    exchange_query_value(x, "reason", &reason, err) == -1 ||
	    certificate_revoke(x->db, id, x->identity.login, reason, err) == -1)
		return -1;
	exchange_answer_order(x, "certificate_revoked", "certificate", id);
	return 0;
}

static int
answer_trust(struct exchange *x, bool lists, const char *file_name, struct err *err)
{
	struct buf all = BUF_INIT(TRUST_BYTES_MAX);
	struct text_list pems;
	int rc;

	if (certificate_trust(x->db, lists, exchange_memory(x), &pems, err) == -1)
		return -1;
	if (pems.len == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no certificate authority here");
	for (size_t i = 0; i < pems.len; i++)
		buf_puts(&all, pems.items[i]);
	rc = buf_check(&all, err);
	if (rc == 0) {
		exchange_answer_bytes(x, 200, PEM_TYPE, all.data, all.len);
		exchange_header(x, "Cache-Control", "no-cache");
		exchange_header(x, "Content-Disposition",
				exchange_printf(x, "attachment; filename=\"%s\"", file_name));
	}
	buf_free(&all);
	return rc;
}

int
pki_roots(struct exchange *x, struct err *err)
{
	return answer_trust(x, false, "root.pem", err);
}

int
pki_lists(struct exchange *x, struct err *err)
{
	return answer_trust(x, true, "crl.pem", err);
}

int
pki_list_of_root(struct exchange *x, struct err *err)
{
	struct buf der = BUF_INIT(TRUST_BYTES_MAX);
	const char *pem;
	int64_t id;
	int rc;

	if (exchange_path_id(x, 0, &id, err) == -1 ||
	    certificate_crl(x->db, id, exchange_memory(x), &pem, err) == -1)
		return -1;
	rc = pki_crl_der(pem, &der, err);
	if (rc == 0) {
		exchange_answer_bytes(x, 200, "application/pkix-crl", der.data, der.len);
		exchange_header(x, "Cache-Control", "no-cache");
	}
	buf_free(&der);
	return rc;
}
