/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/pki_root_store.h: the authority's roots, keys and lists, as their owner sees them (sql/schema/0026).
 * Every call needs the rights of jqm_owner.
 */
#ifndef STORE_PKI_ROOT_STORE_H
#define STORE_PKI_ROOT_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct db;
struct err;
struct memory;

struct pki_root {
	int64_t id;
	const char *state; /* NEXT, CURRENT, OLD */
	const char *certificate, *key, *fingerprint;
	int64_t crl_number;
	bool crl_due; /* its list is missing, says not all, or ends soon */
};
struct pki_root_list {
	struct pki_root *items;
	size_t len;
};

/* All that are trusted, by id. */
int pki_root_store_list(struct db *db, struct memory *memory, struct pki_root_list *out,
			struct err *err);

/* state NEXT or CURRENT; ERR_CONFLICT when there is one. */
struct pki_root_new {
	const char *state, *certificate, *fingerprint, *key;
	int64_t not_after_s;
};
int pki_root_store_add(struct db *db, const struct pki_root_new *add, struct err *err);
int pki_root_store_set_key(struct db *db, int64_t id, const char *key, struct err *err);
int pki_root_store_switch(struct db *db, struct err *err);
/* How many certificates of clients are refused from now on. */
int pki_root_store_retire(struct db *db, int64_t id, int64_t *lost_out, struct err *err);

/* In a transaction: lock the root, and read whether its list is due still. */
int pki_root_store_lock(struct db *db, int64_t id, bool *crl_due_out, int64_t *number_out,
			struct err *err);
struct pki_revoked_row {
	const char *serial;
	int64_t at_s;
};
struct pki_revoked_rows {
	struct pki_revoked_row *items;
	size_t len;
};
int pki_root_store_revoked(struct db *db, int64_t id, struct memory *memory,
			   struct pki_revoked_rows *out, struct err *err);
int pki_root_store_set_crl(struct db *db, int64_t id, const char *crl, int64_t number,
			   int64_t until_s, struct err *err);

/* Note a node's certificate. */
int pki_root_store_add_node(struct db *db, int64_t root_id, const char *node, const char *serial,
			    const char *fingerprint, int64_t not_after_s, struct err *err);

/* Was the certificate of that fingerprint revoked? */
int pki_root_store_is_revoked(struct db *db, const char *fingerprint, bool *out, struct err *err);

/* What nginx of a node is to do, and a text that is another one when something of it changes. */
struct web_settings {
	bool tls, allow_clear, internal_pki;
	const char *dns, *state;
	int port; /* 0: nobody has said */
};
int web_settings_read(struct db *db, const char *node, struct memory *memory,
		      struct web_settings *out, struct err *err);

#endif
