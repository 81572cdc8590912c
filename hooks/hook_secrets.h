/* SPDX-License-Identifier: Apache-2.0 */
/* hooks/hook_secrets.h: what the sealed secrets of a hook sign. */
#ifndef HOOKS_HOOK_SECRETS_H
#define HOOKS_HOOK_SECRETS_H

#include "crypto/webhook_signature.h"

struct delivery;
struct err;
struct secret_keys;
struct settings;

/* Two of them, a blank between. */
#define HOOK_SIGNATURES_SIZE (2 * WEBHOOK_SIGNATURE_SIZE)

/* The keys of this node's file as it is now, to be freed; NULL with err. */
struct secret_keys *hook_secrets_keys(const struct settings *settings, struct err *err);

/*
 * The value of webhook-signature: by the secret, and by the old one while that still signs (one that cannot be opened any
 * more does not keep the delivery).  0, or -1 with err.
 */
int hook_secrets_sign(const struct secret_keys *keys, const struct delivery *delivery,
		      char out[HOOK_SIGNATURES_SIZE], struct err *err);

#endif
