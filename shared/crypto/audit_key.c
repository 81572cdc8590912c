/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/audit_key.h"

#include <stdio.h>
#include <string.h>

#include "crypto/digest.h"

#define LABEL "jqm-audit-key"

static void
to_hex(const unsigned char *bytes, size_t len, char *out)
{
	for (size_t i = 0; i < len; i++)
		(void)snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

int
audit_key_id(const char *key, char out[AUDIT_KEY_ID_SIZE])
{
	unsigned char mac[DIGEST_SIZE];

	if (digest_hmac_sha256(key, strlen(key), LABEL, strlen(LABEL), mac) == -1)
		return -1;
	to_hex(mac, (AUDIT_KEY_ID_SIZE - 1) / 2, out);
	return 0;
}

int
audit_key_sign(const char *key, const char *text, char out[AUDIT_MAC_SIZE])
{
	unsigned char mac[DIGEST_SIZE];

	if (digest_hmac_sha256(key, strlen(key), text, strlen(text), mac) == -1)
		return -1;
	to_hex(mac, sizeof(mac), out);
	return 0;
}

int
audit_key_verify(const char *key, const char *text, const char *mac)
{
	char right[AUDIT_MAC_SIZE];

	if (audit_key_sign(key, text, right) == -1)
		return -1;
	return strlen(mac) == sizeof(right) - 1 && digest_equal(right, mac, sizeof(right)) ? 1 : 0;
}
