/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pki/authority.h: the cluster's own certificate authority: its keys are in the database, whoever may read them
 * (the owner, the web API) and has the passphrase, if there is one, signs.
 *
 * A node's part, authority_ensure() to authority_node(), needs the rights of jqm_owner; authority_client() those of
 * jqm_api.  A key that cannot be opened is ERR_INTERNAL: no caller's fault.
 */
#ifndef PKI_AUTHORITY_H
#define PKI_AUTHORITY_H

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct certificate_issued;
struct certificate_order;
struct db;
struct err;
struct memory;
struct pki_key;
struct settings;

/* How keys are made and sealed on this machine. */
struct authority_conf {
	bool rsa; /* RSA 3072 in place of ECDSA P-256, for what is made from now on */
	char *passphrase; /* NULL: keys are stored in clear */
};

/*
 * From pki:key_type and pki:passphrase_file, or (when that is not given) the systemd credential
 * "jqm-pki-passphrase".  Free it in any case.
 */
int authority_conf_read(const struct settings *settings, struct authority_conf *out,
			struct err *err);
void authority_conf_free(struct authority_conf *conf);

/* There is a root; keys that are stored in clear although there is a passphrase are sealed. */
int authority_ensure(struct db *db, const struct authority_conf *conf, struct err *err);

/* Roll-over, first step: a root that is trusted and does not sign yet. */
int authority_next_root(struct db *db, const struct authority_conf *conf, struct err *err);

/* Sign the revocation lists that are missing, say not all or end within a week. */
int authority_renew_lists(struct db *db, const struct authority_conf *conf, struct err *err);

/*
 * The host name by which a node is known to others, whatever its address: it stands in each certificate of that node and
 * in no other's.  No name server knows it.  -1: the digest could not be computed.
 */
#define AUTHORITY_NODE_NAME_SIZE 64
int authority_node_name(const char *node, char out[AUTHORITY_NODE_NAME_SIZE], struct err *err);

/*
 * Append a node's new key and certificate (PEM, in this order) for these host names and addresses
 * (NULL-terminated, the first is its common name, under which, on port, others find its issuer's list).
 */
int authority_node(struct db *db, const struct authority_conf *conf, const char *node,
		   const char *const *names, int port, struct buf *out, struct err *err);

/*
 * Must a node's file (as authority_node() made it) be made anew: revoked, not of the root that signs now, for other
 * names, or within 30 days of its end?
 */
int authority_node_is_due(struct db *db, const char *pem, const char *const *names, bool *due_out,
			  struct err *err);

/*
 * A certificate for an account.  ERR_INVALID: the order asks for what nobody gets; ERR_NOT_FOUND, ERR_CONFLICT: as
 * certificate_login(); nothing is issued then.  key_out (may be NULL) gets the private key, NULL when a request brought its own.
 */
int authority_client(struct db *db, const struct authority_conf *conf, int64_t account_id,
		     const struct certificate_order *order, const char *by, struct memory *memory,
		     struct certificate_issued *out, struct pki_key **key_out, struct err *err);

#endif
