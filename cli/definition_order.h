/* SPDX-License-Identifier: Apache-2.0 */
/* cli/definition_order.h: one call of jqm definition sign|verify|keygen|secret; what its files share. */
#ifndef CLI_DEFINITION_ORDER_H
#define CLI_DEFINITION_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "codec/json_out.h"
#include "codec/wire_object.h"
#include "model/memory.h"

#define DEFINITION_NAMES_MAX 1000
#define DEFINITION_LABEL 18 /* columns of a label in what is printed */

struct admin_definition;
struct api;
struct cli;
struct err;
struct pki_key;
struct signature_ring;

struct definition_order {
	struct cli *cli;
	struct api *api; /* NULL until the server is asked */
	struct pool pool;
	const char *word; /* "sign" */
	const char *names[DEFINITION_NAMES_MAX]; /* words behind it */
	size_t n_names;
	const char *key_file, *passphrase_file, *trusted, *xml_file;
	bool all, yes, force;
	struct pki_key *key; /* sign, keygen */
	struct signature_ring *ring; /* verify; NULL while signing */
	size_t not_good; /* signatures that verify found wanting */
	struct json_out verdicts; /* verify --json: what it found, into found */
	struct buf found;
};

/* The words: each does what cli/README.md and the help say.  0 or -1. */
int definition_sign(struct definition_order *o, struct err *err);
int definition_verify(struct definition_order *o, struct err *err);
int definition_keygen(struct definition_order *o, struct err *err);
int definition_secret(struct definition_order *o, struct err *err);

/* Read o->key out of the file of it.  0 or -1. */
int definition_open_key(struct definition_order *o, struct err *err);

/* All definitions of the server, as an administrator sees them (struct admin_definition).  0 or -1. */
int definition_list(struct definition_order *o, struct wire_items *out, struct err *err);

/* One of them, as it is now, by its number.  0 or -1. */
int definition_get(struct definition_order *o, int64_t id, struct admin_definition *out,
		   struct err *err);

/* Send back what definition_get() gave last, changed: for the state it was read in only.  0 or -1. */
int definition_put(struct definition_order *o, struct admin_definition *def, struct err *err);

#endif
