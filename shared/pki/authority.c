/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/authority.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "conf/password_file.h"
#include "conf/secret_file.h"
#include "conf/settings.h"
#include "crypto/pki.h"
#include "crypto/random_token.h"
#include "db/db.h"
#include "model/memory.h"
#include "pki/authority_private.h"
#include "store/pki_root_store.h"

#define CREDENTIAL "jqm-pki-passphrase"
#define ROOT_NAME "JQM-CA"
#define ROOT_DAYS 3652
#define UNIT_BYTES 4
#define CRL_DAYS 14

int
authority_conf_read(const struct settings *settings, struct authority_conf *out, struct err *err)
{
	char *path = secret_file_path(settings, "pki:passphrase_file", CREDENTIAL);

	out->rsa = strcmp(settings_text(settings, "pki:key_type"), "rsa") == 0;
	out->passphrase = path == NULL ? NULL : password_file_read(path, err);
	if (path != NULL && out->passphrase == NULL) {
		free(path);
		return -1;
	}
	free(path);
	return 0;
}

void
authority_conf_free(struct authority_conf *conf)
{
	str_forget(conf->passphrase);
	conf->passphrase = NULL;
}

struct pki_key *
authority_open_key(const char *pem, const struct authority_conf *conf, struct err *err)
{
	struct pki_key *key = pki_key_read(pem, conf->passphrase, err);

	if (key == NULL) {
		err->kind = ERR_INTERNAL;
		(void)err_prefix(err, "the certificate authority cannot sign");
	}
	return key;
}

static int
make_root(const struct authority_conf *conf, const char *state, struct db *db, struct err *err)
{
	struct buf certificate = BUF_INIT(AUTHORITY_PEM_MAX), sealed = BUF_INIT(AUTHORITY_PEM_MAX);
	struct pki_key *key = pki_key_new(conf->rsa ? PKI_RSA_3072 : PKI_ECDSA_P256, err);
	unsigned char random[UNIT_BYTES];
	char unit[2 * UNIT_BYTES + 1];
	int64_t now_s = clock_wall_us() / 1000000;
	struct pki_wish wish = { .profile = PKI_ROOT,
				 .common_name = ROOT_NAME,
				 .unit = unit,
				 .from_s = now_s - AUTHORITY_SKEW_S,
				 .to_s = now_s + (int64_t)ROOT_DAYS * AUTHORITY_DAY_S };
	struct pki_facts facts;
	int rc = -1;

	/* Two roots never bear the same name: lists and chains are found by it. */
	if (key == NULL || random_bytes(random, sizeof(random)) == -1)
		goto cleanup;
	str_hex(unit, random, sizeof(random));
	if (pki_certify(&wish, key, NULL, &certificate, err) == 0 &&
	    pki_key_write(key, conf->passphrase, &sealed, err) == 0 &&
	    pki_facts_read(buf_text(&certificate), &facts, err) == 0) {
		struct pki_root_new add = { .state = state,
					    .certificate = buf_text(&certificate),
					    .fingerprint = facts.fingerprint,
					    .key = buf_text(&sealed),
					    .not_after_s = facts.to_s };

		rc = pki_root_store_add(db, &add, err);
	}

cleanup:
	buf_forget(&sealed);
	buf_free(&certificate);
	pki_key_free(key);
	return rc;
}

static int
seal(struct db *db, const struct authority_conf *conf, const struct pki_root *root, struct err *err)
{
	struct buf sealed = BUF_INIT(AUTHORITY_PEM_MAX);
	struct pki_key *key = authority_open_key(root->key, conf, err);
	int rc = -1;

	if (key != NULL && pki_key_write(key, conf->passphrase, &sealed, err) == 0)
		rc = pki_root_store_set_key(db, root->id, buf_text(&sealed), err);
	buf_forget(&sealed);
	pki_key_free(key);
	return rc;
}

int
authority_ensure(struct db *db, const struct authority_conf *conf, struct err *err)
{
	struct pki_root_list roots;
	struct pool pool;
	bool signs = false;
	int rc;

	pool_init(&pool);
	rc = pki_root_store_list(db, &pool.memory, &roots, err);
	for (size_t i = 0; rc == 0 && i < roots.len; i++) {
		signs = signs || strcmp(roots.items[i].state, "CURRENT") == 0;
		if (conf->passphrase != NULL && !pki_key_is_encrypted(roots.items[i].key))
			rc = seal(db, conf, &roots.items[i], err);
	}
	if (rc == 0 && !signs) {
		rc = make_root(conf, "CURRENT", db, err);
		if (rc == -1 && err->kind == ERR_CONFLICT) { /* another node was quicker */
			err_clear(err);
			rc = 0;
		}
	}
	pool_free(&pool);
	return rc;
}

int
authority_next_root(struct db *db, const struct authority_conf *conf, struct err *err)
{
	return make_root(conf, "NEXT", db, err);
}

/* One list, while its root is locked. */
struct list_work {
	const struct pki_root *root;
	const struct authority_conf *conf;
};

static int
sign_list(struct db *db, const struct list_work *work, int64_t number, struct memory *memory,
	  struct err *err)
{
	struct buf crl = BUF_INIT(AUTHORITY_CRL_MAX);
	struct pki_key *key = authority_open_key(work->root->key, work->conf, err);
	struct pki_issuer issuer = { work->root->certificate, key };
	struct pki_revoked_rows rows;
	struct pki_revoked *revoked;
	int64_t now_s = clock_wall_us() / 1000000;
	int64_t next_s = now_s + (int64_t)CRL_DAYS * AUTHORITY_DAY_S;
	int rc = -1;

	if (key == NULL || pki_root_store_revoked(db, work->root->id, memory, &rows, err) == -1)
		goto cleanup;
	revoked = memory_alloc_array(memory, rows.len, sizeof(revoked[0]));
	for (size_t i = 0; i < rows.len; i++)
		revoked[i] = (struct pki_revoked){ rows.items[i].serial, rows.items[i].at_s };
	if (pki_crl(&issuer, number, revoked, rows.len, now_s - AUTHORITY_SKEW_S, next_s, &crl,
		    err) == 0)
		rc =
		    pki_root_store_set_crl(db, work->root->id, buf_text(&crl), number, next_s, err);

cleanup:
	pki_key_free(key);
	buf_free(&crl);
	return rc;
}

static int
renew_list(struct db *db, void *arg, struct err *err)
{
	const struct list_work *work = arg;
	struct pool pool;
	int64_t number = 0;
	bool due = false;
	int rc;

	pool_init(&pool);
	rc = pki_root_store_lock(db, work->root->id, &due, &number, err);
	if (rc == 0 && due)
		rc = sign_list(db, work, number + 1, &pool.memory, err);
	pool_free(&pool);
	return rc;
}

int
authority_renew_lists(struct db *db, const struct authority_conf *conf, struct err *err)
{
	struct pki_root_list roots;
	struct pool pool;
	int rc;

	pool_init(&pool);
	rc = pki_root_store_list(db, &pool.memory, &roots, err);
	for (size_t i = 0; rc == 0 && i < roots.len; i++) {
		struct list_work work = { &roots.items[i], conf };

		if (roots.items[i].crl_due)
			rc = db_tx(db, renew_list, &work, err);
	}
	pool_free(&pool);
	return rc;
}
