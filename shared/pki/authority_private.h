/* SPDX-License-Identifier: Apache-2.0 */
/* pki/authority_private.h: what the files of pki/authority.h share. */
#ifndef PKI_AUTHORITY_PRIVATE_H
#define PKI_AUTHORITY_PRIVATE_H

#include <stddef.h>

struct authority_conf;
struct buf;
struct err;
struct pki_key;

#define AUTHORITY_PEM_MAX ((size_t)32 * 1024)
#define AUTHORITY_CRL_MAX ((size_t)64 * 1024 * 1024)
#define AUTHORITY_DAY_S 86400
/* What is made is valid since an hour: other machines' clocks may be behind. */
#define AUTHORITY_SKEW_S 3600

/* A stored key; NULL with ERR_INTERNAL. */
struct pki_key *authority_open_key(const char *pem, const struct authority_conf *conf,
				   struct err *err);

#endif
