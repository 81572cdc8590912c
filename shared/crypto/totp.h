/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crypto/totp.h: one-time codes of a device (RFC 6238): six digits, HMAC-SHA-1, a new one each 30 seconds, as
 * all authenticator programs make them.
 */
#ifndef CRYPTO_TOTP_H
#define CRYPTO_TOTP_H

#include <stdint.h>

#define TOTP_SECRET_BYTES 20
#define TOTP_CODE_SIZE 7
#define TOTP_STEP_S 30
#define TOTP_SECRET_TEXT_SIZE 33

/* The code of a step (seconds since 1970 / TOTP_STEP_S).  0, or -1 when OpenSSL cannot. */
int totp_code(const unsigned char secret[TOTP_SECRET_BYTES], int64_t step,
	      char out[TOTP_CODE_SIZE]);

/*
 * 1 and its step when code is that of now or of the step before or after (clocks differ), and of a later step
 * than last_step; 0 when it is not, -1 when OpenSSL cannot.
 */
int totp_verify(const unsigned char secret[TOTP_SECRET_BYTES], const char *code, int64_t now_s,
		int64_t last_step, int64_t *step_out);

/* The secret as people type it: base32 (RFC 4648) without padding. */
void totp_secret_text(const unsigned char secret[TOTP_SECRET_BYTES],
		      char out[TOTP_SECRET_TEXT_SIZE]);

#endif
