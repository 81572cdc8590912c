/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model/audit_seal.h: a seal of the audit trail, and the texts that are signed (HMAC-SHA-256, key outside the
 * database: crypto/audit_key.h).
 *
 * A seal stands for the rows behind the one before it, up to its own last one.  Its text has the mac of the seal
 * before it: so no seal can be left out, and none behind it be kept when one is changed.
 */
#ifndef MODEL_AUDIT_SEAL_H
#define MODEL_AUDIT_SEAL_H

#include <stdint.h>

struct buf;

#define AUDIT_SEAL_TEXT_MAX 1024

struct audit_seal {
	int64_t no; /* 1, 2, 3, ... */
	int64_t to_tx, to_id; /* its last row */
	int64_t rows;
	const char *digest; /* SHA-256 of the SHA-256 of its rows' lines by id, hexadecimal */
	int64_t sealed_us; /* since 1970, the database's clock */
	const char *previous; /* mac of the seal before it; "" of the first */
	const char *key_id, *mac; /* NULL: not signed */
};

/* A seal as exports have it. */
struct audit_seal_line {
	struct audit_seal seal;
	const char *ids; /* of its rows: "{[1,5),[7,9)}" */
	const char *marks; /* of its rows by id, 8 hexadecimal digits each */
};

/* Rows up to this seal, and the seals before it, have been purged by who has the key. */
struct audit_floor {
	int64_t no;
	const char *seal_mac;
	int64_t purged_us;
	const char *key_id, *mac;
};

/* What a node remembers of the seal it signed last. */
#define AUDIT_ANCHOR_MAC_SIZE 65
struct audit_anchor {
	int64_t no; /* 0: of none */
	char mac[AUDIT_ANCHOR_MAC_SIZE];
};
/* "NO MAC\n", as its file has it; anything else is no anchor. */
void audit_anchor_parse(const char *text, struct audit_anchor *out);

/* What mac is made of. */
void audit_seal_text(struct buf *out, const struct audit_seal *seal);
void audit_floor_text(struct buf *out, const struct audit_floor *floor);

#endif
