/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/definition_guard.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "conf/key_dir.h"
#include "conf/settings.h"
#include "crypto/signature.h"
#include "model/job_order.h"
#include "model/signed_definition.h"

struct definition_guard {
	struct signature_ring *ring;
	struct buf bytes; /* of the definition in hand, kept for the next one */
};

static int
trust(void *arg, const char *name, const char *pem, struct err *err)
{
	return signature_ring_add(arg, pem, name, err);
}

int
definition_guard_new(const struct settings *settings, struct definition_guard **out, size_t *n_keys,
		     bool *ours, struct err *err)
{
	const char *path = settings_text(settings, "runner:trusted_keys");
	struct signature_ring *ring;

	*out = NULL;
	*n_keys = 0;
	*ours = false;
	if (strcmp(settings_text(settings, "runner:require_signature"), "yes") != 0)
		return 0;
	if (path == NULL)
		return err_set(err, ERR_INVALID,
			       "runner:require_signature is yes, but runner:trusted_keys is not "
			       "given");
	ring = signature_ring_new();
	if (key_dir_read(path, trust, ring, ours, err) == 0 && signature_ring_len(ring) == 0)
		(void)err_set(err, ERR_INVALID, "there is no key (*.pem, *.pub) in \"%s\"", path);
	if (signature_ring_len(ring) == 0 || err->text[0] != '\0') {
		signature_ring_free(ring);
		return err_prefix(err, "runner:trusted_keys");
	}
	*n_keys = signature_ring_len(ring);
	*out = calloc(1, sizeof(**out));
	if (*out == NULL)
		abort();
	**out = (struct definition_guard){ ring, BUF_INIT(SIZE_MAX) };
	return 0;
}

void
definition_guard_free(struct definition_guard *guard)
{
	if (guard == NULL)
		return;
	signature_ring_free(guard->ring);
	buf_free(&guard->bytes);
	free(guard);
}

static int
refuse(const struct job_order *order, enum signature_verdict verdict, struct err *err)
{
	char key[SIGNATURE_KEY_ID_SIZE] = "";
	const char *name = order->definition_name;

	(void)signature_names_key(order->signature, key);
	switch (verdict) {
	case SIGNATURE_NONE:
		return err_set(err, ERR_DENIED,
			       "definition \"%s\" is not signed, and this node runs only what is",
			       name);
	case SIGNATURE_UNTRUSTED:
		return err_set(err, ERR_DENIED,
			       "definition \"%s\" is signed by key %s, which this node does not "
			       "trust",
			       name, key);
	case SIGNATURE_MALFORMED:
		return err_set(err, ERR_DENIED, "the signature of definition \"%s\" is none", name);
	default:
		return err_set(err, ERR_DENIED,
			       "definition \"%s\" is not what key %s signed: somebody changed it",
			       name, key);
	}
}

int
definition_guard_check(struct definition_guard *guard, const struct job_order *order,
		       struct err *err)
{
	struct signed_definition def = signed_definition_of_order(order);
	enum signature_verdict verdict;

	if (guard == NULL)
		return 0;
	guard->bytes.len = 0;
	signed_definition_bytes(&def, &guard->bytes);
	if (buf_check(&guard->bytes, err) == -1)
		return -1;
	verdict = signature_ring_check(guard->ring, order->signature, guard->bytes.data,
				       guard->bytes.len);
	return verdict == SIGNATURE_GOOD ? 0 : refuse(order, verdict, err);
}
