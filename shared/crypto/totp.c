/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/totp.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#define SHA1_BYTES 20

int
totp_code(const unsigned char secret[TOTP_SECRET_BYTES], int64_t step, char out[TOTP_CODE_SIZE])
{
	unsigned char counter[8], mac[SHA1_BYTES];
	unsigned int len = 0, at;
	uint32_t number;

	for (size_t i = 0; i < sizeof(counter); i++)
		counter[i] = (unsigned char)((uint64_t)step >> (8 * (7 - i)) & 0xff);
	if (HMAC(EVP_sha1(), secret, TOTP_SECRET_BYTES, counter, sizeof(counter), mac, &len) ==
		NULL ||
	    len != sizeof(mac))
		return -1;
	/* RFC 4226 section 5.3 */
	at = mac[SHA1_BYTES - 1] & 0xfu;
	number = (mac[at] & 0x7fu) << 24 | (uint32_t)mac[at + 1] << 16 |
		 (uint32_t)mac[at + 2] << 8 | mac[at + 3];
	(void)snprintf(out, TOTP_CODE_SIZE, "%06u", (unsigned)(number % 1000000));
	OPENSSL_cleanse(mac, sizeof(mac));
	return 0;
}

int
totp_verify(const unsigned char secret[TOTP_SECRET_BYTES], const char *code, int64_t now_s,
	    int64_t last_step, int64_t *step_out)
{
	int64_t now = now_s / TOTP_STEP_S;
	char right[TOTP_CODE_SIZE];
	int found = 0;

	if (strlen(code) != TOTP_CODE_SIZE - 1)
		return 0;
	for (int64_t step = now - 1; step <= now + 1; step++) {
		if (totp_code(secret, step, right) == -1)
			return -1;
		if (CRYPTO_memcmp(right, code, sizeof(right)) == 0 && step > last_step) {
			*step_out = step;
			found = 1;
		}
	}
	OPENSSL_cleanse(right, sizeof(right));
	return found;
}

void
totp_secret_text(const unsigned char secret[TOTP_SECRET_BYTES], char out[TOTP_SECRET_TEXT_SIZE])
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	uint32_t bits = 0;
	int held = 0;
	size_t used = 0;

	/* 160 bits are 32 digits: none is left over. */
	for (size_t i = 0; i < TOTP_SECRET_BYTES; i++) {
		bits = bits << 8 | secret[i];
		for (held += 8; held >= 5; held -= 5)
			out[used++] = alphabet[bits >> (held - 5) & 31];
	}
	out[used] = '\0';
}
