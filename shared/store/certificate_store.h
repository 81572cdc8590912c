/* SPDX-License-Identifier: Apache-2.0 */
/* store/certificate_store.h: certificates of clients, as the web API sees them (sql/schema/0026). */
#ifndef STORE_CERTIFICATE_STORE_H
#define STORE_CERTIFICATE_STORE_H

#include <stdbool.h>
#include <stdint.h>

struct certificate_list;
struct db;
struct err;
struct memory;
struct text_list;

/* What signs now: ERR_CONFLICT when nothing of ours does.  key is PKCS#8, perhaps encrypted: a secret. */
struct certificate_signer {
	int64_t root_id;
	const char *certificate, *key;
};
int certificate_signer_read(struct db *db, struct memory *memory, struct certificate_signer *out,
			    struct err *err);

/* The account's login: ERR_NOT_FOUND, or ERR_CONFLICT when it is locked or has expired. */
int certificate_login(struct db *db, int64_t account_id, struct memory *memory,
		      const char **login_out, struct err *err);

/* One that was signed; replaces 0: none. */
struct certificate_new {
	int64_t root_id, account_id, not_after_s, replaces;
	const char *serial, *fingerprint, *by;
};
int certificate_add(struct db *db, const struct certificate_new *add, int64_t *id_out,
		    struct err *err);

/* Once more changes nothing. */
int certificate_revoke(struct db *db, int64_t id, const char *by, const char *reason,
		       struct err *err);

/* 0: of all accounts; id 0: all of them. */
int certificate_store_list(struct db *db, int64_t account_id, int64_t id, struct memory *memory,
			   struct certificate_list *out, struct err *err);

/* PEM of the roots that are trusted, the one that signs first, or of their revocation lists. */
int certificate_trust(struct db *db, bool lists, struct memory *memory, struct text_list *out,
		      struct err *err);

/* The list of one of them; ERR_NOT_FOUND. */
int certificate_crl(struct db *db, int64_t root_id, struct memory *memory, const char **out,
		    struct err *err);

/* Is the parameter of the cluster true? */
int certificate_parameter(struct db *db, const char *key, bool *out, struct err *err);

#endif
