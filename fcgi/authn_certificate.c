/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/authn_certificate.c: a client certificate speaks for an account, or for a node.  nginx has verified that a trusted
 * authority signed it and hands it over in a parameter no header can make; whose it is, and whether it still
 * counts, is asked of the database at each request.
 */
#include "fcgi/authn.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "crypto/pki.h"
#include "db/db.h"
#include "fcgi/audit.h"
#include "fcgi/authn_account.h"
#include "fcgi/exchange.h"
#include "fcgi/known_account.h"
#include "model/value.h"
#include "store/array_param.h"

#define NAMES_BYTES_MAX 65536
#define US_PER_S INT64_C(1000000)

DB_STMT(account_of_certificate) = {
	.name = "authn_account_of_certificate",
	.text = "SELECT " AUTHN_ACCOUNT_COLUMNS
		"  FROM jqm.account_of_certificate($1, $2, $3, $4::text[]) AS c"
		"  JOIN jqm.account AS a ON a.id = c.account_id" AUTHN_ACCOUNT_PERMISSIONS,
	.n_params = 4,
	.read_only = true,
};

DB_STMT(node_of_certificate) = {
	.name = "authn_node_of_certificate",
	.text = "SELECT jqm.node_of_certificate($1, $2, $3, $4::text[], $5 = '1')",
	.n_params = 5,
	.read_only = true,
};

static bool
has_certificate(const struct exchange *x)
{
	const char *verify = x->request.certificate_verify;

	return verify[0] != '\0' && strcmp(verify, "NONE") != 0;
}

static int
refuse(struct exchange *x, const char *why, struct err *err)
{
	char text[LOG_VALUE_SIZE];

	log_info("certificate_refused", "req=%s addr=%s why=\"%s\"", x->request.request_id,
		 x->request.remote_addr, log_value(text, why));
	x->response.refusal = REFUSAL_CREDENTIALS;
	x->tried_login = "(certificate)";
	return err_set(err, ERR_DENIED,
		       "the client certificate is unknown, revoked or expired, or its account is "
		       "locked or expired");
}

/* The alternative names, one a line, as an array for the database. */
static const char *
names_param(struct exchange *x, char *lines)
{
	struct buf array = BUF_INIT(2 * NAMES_BYTES_MAX);
	struct text_list list = { NULL, 0 };
	const char *param;
	char *save = NULL;
	size_t max = 0;

	for (const char *at = lines; *at != '\0'; at++)
		max += *at == '\n';
	list.items = exchange_alloc(x, (max + 1) * sizeof(list.items[0]));
	for (char *line = strtok_r(lines, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save))
		list.items[list.len++] = line;
	array_param_texts(&array, &list);
	param = array.failed ? "{}" : exchange_strdup(x, buf_text(&array));
	buf_free(&array);
	return param;
}

/* What of the certificate the database decides by; 0, or -1: it cannot be read. */
static int
read_certificate(struct exchange *x, struct pki_facts *facts, const char **names_out)
{
	const char *sent = x->request.certificate;
	char *pem = str_percent_decode(sent, strlen(sent), false);
	struct buf names = BUF_INIT(NAMES_BYTES_MAX);
	struct err ignored = ERR_INIT;
	int rc = -1;

	if (pem != NULL && pki_facts_read(pem, facts, &ignored) == 0 &&
	    pki_alternative_names(pem, &names, &ignored) == 0) {
		*names_out = names_param(x, exchange_strdup(x, buf_text(&names)));
		rc = 0;
	}
	buf_free(&names);
	free(pem);
	return rc;
}

static int
ask(struct exchange *x, struct account *account, struct err *err)
{
	struct db_result *rows = NULL;
	struct pki_facts facts;
	const char *names = NULL;

	if (read_certificate(x, &facts, &names) == -1)
		return refuse(x, "it cannot be read", err);
	if (db_exec(x->db, &account_of_certificate,
		    (const char *const[]){ facts.fingerprint, facts.issuer, facts.serial, names },
		    &rows, err) == -1)
		return -1;
	authn_account_take(x, rows, account);
	db_result_free(rows);
	if (account->id == 0 || !account->usable)
		return refuse(x, facts.fingerprint, err);
	known_account_keep(x, x->request.certificate, "", facts.to_s * US_PER_S, account);
	return 0;
}

static int
judge(struct exchange *x, struct err *err)
{
	const struct account *known;
	struct account account;
	int rc = 0;

	if (strcmp(x->request.certificate_verify, "SUCCESS") != 0)
		return refuse(x, x->request.certificate_verify, err);
	/* Whatever changes whose a certificate is changes the account's stamp, as its revocation does. */
	known = known_account_find(x, x->request.certificate, "");
	if (known != NULL) {
		account = *known;
		rc = known_account_gate(x, x->request.certificate, known, err);
	}
	if (rc == 0)
		rc = ask(x, &account, err) == 0 ? 1 : -1;
	if (rc == 1)
		authn_account_enter(x, &account, "certificate");
	return rc == 1 ? 0 : -1;
}

/* Shown, good or not, it alone says who asks, as in JQM. */
enum authn_verdict
authn_certificate(struct exchange *x, struct err *err)
{
	if (!has_certificate(x))
		return AUTHN_NOT_MINE;
	return judge(x, err) == 0 ? AUTHN_IS : AUTHN_REFUSED;
}

/* A door for nodes: who shows another certificate, or a password, is as good as nobody. */
enum authn_verdict
authn_node(struct exchange *x, struct err *err)
{
	struct db_result *rows = NULL;
	struct pki_facts facts;
	const char *names = NULL, *asked = NULL;
	char node[LOG_VALUE_SIZE], their_id[LOG_VALUE_SIZE];

	x->response.refusal = REFUSAL_CREDENTIALS;
	(void)err_set(err, ERR_DENIED,
		      "this is for other nodes of the cluster: their certificates open it");
	if (strcmp(x->request.certificate_verify, "SUCCESS") != 0 ||
	    read_certificate(x, &facts, &names) == -1)
		return AUTHN_REFUSED;
	if (exchange_query_value(x, "asked", &asked, err) == -1 ||
	    db_exec(x->db, &node_of_certificate,
		    (const char *const[]){ facts.fingerprint, facts.issuer, facts.serial, names,
					   facts.server ? "1" : "0" },
		    &rows, err) == -1) {
		x->response.refusal = REFUSAL_NONE;
		return AUTHN_REFUSED;
	}
	if (!db_is_null(rows, 0, 0)) {
		err_clear(err);
		x->response.refusal = REFUSAL_NONE;
		x->identity.kind = IDENTITY_NODE;
		x->identity.login = exchange_printf(x, "node:%s", db_text(rows, 0, 0));
		x->identity.credential = "certificate";
		audit_say_who(x);
		log_info("node_asks", "req=%s node=\"%s\" their_req=\"%s\"", x->request.request_id,
			 log_value(node, db_text(rows, 0, 0)),
			 log_value(their_id, asked == NULL ? "" : asked));
	} else {
		log_info("certificate_refused", "req=%s addr=%s why=\"%s is no node's\"",
			 x->request.request_id, x->request.remote_addr, facts.fingerprint);
	}
	db_result_free(rows);
	return x->identity.kind == IDENTITY_NODE ? AUTHN_IS : AUTHN_REFUSED;
}
