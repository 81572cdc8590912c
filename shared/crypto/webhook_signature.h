/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crypto/webhook_signature.h: what a webhook is signed with, in the manner of Standard Webhooks.
 *
 * A secret is the text "whsec_" and 24 to 64 bytes in base64: these bytes are the key.  A signature is "v1," and in
 * base64 the HMAC-SHA-256 of "ID.SECONDS.BODY": number of the message, time of the try since 1970, bytes of the body.
 */
#ifndef CRYPTO_WEBHOOK_SIGNATURE_H
#define CRYPTO_WEBHOOK_SIGNATURE_H

#include <stdint.h>

struct err;

#define WEBHOOK_SIGNATURE_SIZE 48

/* For whom the secret of a hook is sealed (secret_box.h), with the hook's name; no definition can have that name. */
#define WEBHOOK_SECRET_OWNER "webhook\n"

/* Is it such a secret?  0, or -1 with ERR_INVALID, which does not quote it. */
int webhook_secret_check(const char *secret, struct err *err);

/* The signature by one secret.  0, or -1 with ERR_INVALID (no such secret) or ERR_INTERNAL. */
int webhook_sign(const char *secret, const char *id, int64_t seconds, const char *body,
		 char out[WEBHOOK_SIGNATURE_SIZE], struct err *err);

#endif
