/* SPDX-License-Identifier: Apache-2.0 */
/* model/certificate.h: certificates the cluster's own authority issued, and orders for new ones. */
#ifndef MODEL_CERTIFICATE_H
#define MODEL_CERTIFICATE_H

#include <stddef.h>
#include <stdint.h>

#include "model/value.h"

#define CERTIFICATE_DAYS 365
#define CERTIFICATE_DAYS_MAX 3650
#define CERTIFICATE_REQUEST_BYTES_MAX 16384

/* What is known of one that was issued. */
struct certificate {
	int64_t id;
	struct opt_int64 account_id; /* none: a node's, or of an account that was deleted */
	const char *name; /* the login or the node, as it was then */
	const char *kind; /* "CLIENT" or "NODE" */
	const char *serial, *fingerprint; /* crypto/pki.h */
	struct opt_time issued, expires, revoked;
	const char *issued_by, *revoked_by, *reason; /* NULL: nobody, none */
};
struct certificate_list {
	struct certificate *items;
	size_t len;
};

/* What a caller wants to have. */
struct certificate_order {
	struct opt_int64 days; /* absent: CERTIFICATE_DAYS */
	const char *request; /* PEM of a signing request; NULL: we make the key */
	struct opt_int64 replaces; /* number of one that is revoked when the new one is there */
};

/* What he gets, once: the key is kept nowhere. */
struct certificate_issued {
	int64_t id;
	const char *login, *serial, *fingerprint;
	struct opt_time expires;
	const char *certificate, *private_key,
	    *authority; /* PEM; no key when a request brought it */
};

/* Which account a certificate of another authority means. */
struct certificate_mapping {
	int64_t id;
	struct opt_int64 account_id;
	const char *login; /* not read */
	const char *form; /* FINGERPRINT, SERIAL, SAN */
	const char *issuer, *value, *description;
};

#endif
