/* SPDX-License-Identifier: Apache-2.0 */
/* pki/authority_issue.c: certificates for accounts and nodes. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "crypto/digest.h"
#include "crypto/pki.h"
#include "db/db.h"
#include "model/certificate.h"
#include "model/memory.h"
#include "pki/authority.h"
#include "pki/authority_private.h"
#include "store/certificate_store.h"
#include "store/pki_root_store.h"

#define NODE_DAYS 397
#define NODE_RENEW_DAYS 30
#define NODE_NAME_BYTES \
	16 /* of a digest: a node's name may have characters that no host name has */

/* The days an order asks for, within what is allowed and what the authority itself has left. */
static int
end_of_order(const struct certificate_order *order, const char *root, int64_t now_s,
	     int64_t *to_s_out, struct err *err)
{
	int64_t days = order->days.set ? order->days.value : CERTIFICATE_DAYS;
	struct pki_facts facts;

	if (days < 1 || days > CERTIFICATE_DAYS_MAX)
		return err_set(err, ERR_INVALID, "days must be from 1 to %d, not %lld",
			       CERTIFICATE_DAYS_MAX, (long long)days);
	if (order->request != NULL && strlen(order->request) > CERTIFICATE_REQUEST_BYTES_MAX)
		return err_set(err, ERR_TOO_LARGE,
			       "the certificate signing request is longer than %d bytes",
			       CERTIFICATE_REQUEST_BYTES_MAX);
	if (pki_facts_read(root, &facts, err) == -1) {
		err->kind = ERR_INTERNAL;
		return -1;
	}
	*to_s_out = now_s + days * AUTHORITY_DAY_S;
	/* Nobody shall think that it lives longer than its authority. */
	if (*to_s_out > facts.to_s && order->days.set)
		return err_set(
		    err, ERR_INVALID,
		    "days must be %lld at most: then the authority's own certificate ends",
		    (long long)((facts.to_s - now_s) / AUTHORITY_DAY_S));
	if (*to_s_out > facts.to_s)
		*to_s_out = facts.to_s;
	return 0;
}

/* Fill out but its id, from what was signed. */
static int
describe(const char *certificate, const struct pki_key *key, bool is_ours, struct memory *memory,
	 struct certificate_issued *out, int64_t *to_s_out, struct err *err)
{
	struct buf pem = BUF_INIT(AUTHORITY_PEM_MAX);
	struct pki_facts facts;
	int rc = pki_facts_read(certificate, &facts, err);

	if (rc == 0 && is_ours)
		rc = pki_key_write(key, NULL, &pem, err);
	if (rc == 0) {
		out->serial = memory_dup(memory, facts.serial);
		out->fingerprint = memory_dup(memory, facts.fingerprint);
		out->expires = (struct opt_time){ true, facts.to_s * 1000000 };
		out->certificate = memory_dup(memory, certificate);
		out->private_key = is_ours ? memory_dup(memory, buf_text(&pem)) : NULL;
		*to_s_out = facts.to_s;
	}
	buf_forget(&pem);
	return rc;
}

/* Sign, note it, then hand it out: what is not noted is not accepted. */
static int
issue(struct db *db, const struct certificate_signer *signer, const struct pki_key *root_key,
      struct certificate_new *add, const struct pki_wish *wish, const struct pki_key *key,
      bool is_ours, struct memory *memory, struct certificate_issued *out, struct err *err)
{
	struct pki_issuer issuer = { signer->certificate, root_key };
	struct buf pem = BUF_INIT(AUTHORITY_PEM_MAX);
	int rc = pki_certify(wish, key, &issuer, &pem, err);

	if (rc == 0)
		rc = describe(buf_text(&pem), key, is_ours, memory, out, &add->not_after_s, err);
	if (rc == 0) {
		add->root_id = signer->root_id;
		add->serial = out->serial;
		add->fingerprint = out->fingerprint;
		out->authority = signer->certificate;
		rc = certificate_add(db, add, &out->id, err);
	}
	buf_free(&pem);
	return rc;
}

int
authority_client(struct db *db, const struct authority_conf *conf, int64_t account_id,
		 const struct certificate_order *order, const char *by, struct memory *memory,
		 struct certificate_issued *out, struct pki_key **key_out, struct err *err)
{
	struct certificate_new add = { .account_id = account_id, .by = by };
	struct certificate_signer signer;
	struct pki_key *root_key = NULL, *key = NULL;
	int64_t now_s = clock_wall_us() / 1000000;
	struct pki_wish wish = { .profile = PKI_CLIENT, .from_s = now_s - AUTHORITY_SKEW_S };
	int rc = -1;

	*out = (struct certificate_issued){ 0 };
	add.replaces = order->replaces.set ? order->replaces.value : 0;
	if (certificate_login(db, account_id, memory, &out->login, err) == -1 ||
	    certificate_signer_read(db, memory, &signer, err) == -1 ||
	    end_of_order(order, signer.certificate, now_s, &wish.to_s, err) == -1)
		return -1;
	wish.common_name = out->login;
	key = order->request == NULL ? pki_key_new(PKI_ECDSA_P256, err)
				     : pki_key_of_request(order->request, err);
	if (key != NULL)
		root_key = authority_open_key(signer.key, conf, err);
	if (root_key != NULL)
		rc = issue(db, &signer, root_key, &add, &wish, key, order->request == NULL, memory,
			   out, err);
	pki_key_free(root_key);
	if (rc == 0 && key_out != NULL && order->request == NULL) {
		*key_out = key;
		key = NULL;
	}
	pki_key_free(key);
	return rc;
}

static const struct pki_root *
current_root(const struct pki_root_list *roots)
{
	for (size_t i = 0; i < roots->len; i++)
		if (strcmp(roots->items[i].state, "CURRENT") == 0)
			return &roots->items[i];
	return NULL;
}

static int
read_current(struct db *db, struct memory *memory, const struct pki_root **out, struct err *err)
{
	struct pki_root_list roots;

	if (pki_root_store_list(db, memory, &roots, err) == -1)
		return -1;
	*out = current_root(&roots);
	if (*out != NULL)
		return 0;
	(void)err_set(err, ERR_CONFLICT, "there is no certificate authority yet");
	return -1;
}

int
authority_node(struct db *db, const struct authority_conf *conf, const char *node,
	       const char *const *names, int port, struct buf *out, struct err *err)
{
	struct buf certificate = BUF_INIT(AUTHORITY_PEM_MAX);
	const struct pki_root *root;
	struct pki_key *root_key = NULL, *key = NULL;
	struct pki_facts facts;
	struct pool pool;
	int64_t now_s = clock_wall_us() / 1000000;
	struct pki_wish wish = { .profile = PKI_SERVER,
				 .common_name = names[0],
				 .names = names,
				 .from_s = now_s - AUTHORITY_SKEW_S,
				 .to_s = now_s + (int64_t)NODE_DAYS * AUTHORITY_DAY_S };
	int rc = -1;

	pool_init(&pool);
	if (read_current(db, &pool.memory, &root, err) == 0)
		root_key = authority_open_key(root->key, conf, err);
	if (root_key != NULL)
		key = pki_key_new(conf->rsa ? PKI_RSA_3072 : PKI_ECDSA_P256, err);
	if (key != NULL) {
		struct pki_issuer issuer = { root->certificate, root_key };
		bool v6 = strchr(names[0], ':') != NULL;

		/* In clear, as lists are fetched: whoever cannot judge our certificate yet could not use TLS. */
		wish.crl_url =
		    memory_printf(&pool.memory, "http://%s%s%s:%d/ws/pki/crl/%" PRId64,
				  v6 ? "[" : "", names[0], v6 ? "]" : "", port, root->id);
		rc = pki_certify(&wish, key, &issuer, &certificate, err);
	}
	if (rc == 0)
		rc = pki_facts_read(buf_text(&certificate), &facts, err);
	if (rc == 0)
		rc = pki_root_store_add_node(db, root->id, node, facts.serial, facts.fingerprint,
					     facts.to_s, err);
	if (rc == 0)
		rc = pki_key_write(key, NULL, out, err);
	if (rc == 0) {
		buf_puts(out, buf_text(&certificate));
		rc = buf_check(out, err);
	}
	pki_key_free(key);
	pki_key_free(root_key);
	pool_free(&pool);
	buf_free(&certificate);
	return rc;
}

int
authority_node_name(const char *node, char out[AUTHORITY_NODE_NAME_SIZE], struct err *err)
{
	unsigned char digest[DIGEST_SIZE];
	char text[2 * NODE_NAME_BYTES + 1];

	if (digest_sha256(node, strlen(node), digest) == -1)
		return err_set(err, ERR_INTERNAL, "could not compute the name of a node");
	str_hex(text, digest, NODE_NAME_BYTES);
	(void)snprintf(out, AUTHORITY_NODE_NAME_SIZE, "%s.node.jqm.internal", text);
	return 0;
}

/* Are these the names of the certificate, all and in this order? */
static bool
has_names(const char *pem, const char *const *names)
{
	struct buf found = BUF_INIT(AUTHORITY_PEM_MAX);
	struct err ignored = ERR_INIT;
	const char *at;
	bool same = pki_alternative_names(pem, &found, &ignored) == 0;

	at = buf_text(&found);
	for (size_t i = 0; same && names[i] != NULL; i++) {
		const char *colon = strchr(at, ':');
		size_t len = strlen(names[i]);

		/* What stands before the colon says only of what kind the name is. */
		same = colon != NULL && strncmp(colon + 1, names[i], len) == 0 &&
		       colon[1 + len] == '\n';
		at = same ? colon + 1 + len + 1 : at;
	}
	same = same && *at == '\0';
	buf_free(&found);
	return same;
}

int
authority_node_is_due(struct db *db, const char *pem, const char *const *names, bool *due_out,
		      struct err *err)
{
	int64_t limit_s = clock_wall_us() / 1000000 + (int64_t)NODE_RENEW_DAYS * AUTHORITY_DAY_S;
	struct err broken = ERR_INIT;
	const struct pki_root *root;
	struct pki_facts facts;
	struct pki_key *key;
	struct pool pool;
	int rc;

	pool_init(&pool);
	rc = read_current(db, &pool.memory, &root, err);
	if (rc == 0) {
		key = pki_key_read(pem, NULL, &broken);
		*due_out = key == NULL || pki_facts_read(pem, &facts, &broken) == -1 ||
			   !pki_matches(pem, key, root->certificate) || facts.to_s < limit_s ||
			   !has_names(pem, names);
		if (!*due_out)
			rc = pki_root_store_is_revoked(db, facts.fingerprint, due_out, err);
		pki_key_free(key);
	}
	pool_free(&pool);
	return rc;
}
