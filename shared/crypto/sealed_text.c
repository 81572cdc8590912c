/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/sealed_text.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "crypto/digest.h"

#define SEAL_CHARS (2 * DIGEST_SIZE)

int
sealed_text_write(const char *key, const char *text, struct buf *out, struct err *err)
{
	unsigned char mac[DIGEST_SIZE];
	char hex[SEAL_CHARS + 1];

	if (digest_hmac_sha256(key, strlen(key), text, strlen(text), mac) == -1)
		return err_set(err, ERR_INTERNAL, "could not seal a text");
	str_hex(hex, mac, sizeof(mac));
	buf_puts(out, text);
	buf_putc(out, '.');
	buf_puts(out, hex);
	return buf_check(out, err);
}

int
sealed_text_open(const char *key, char *sealed, struct err *err)
{
	unsigned char mac[DIGEST_SIZE], shown[DIGEST_SIZE];
	size_t len = strlen(sealed);

	if (len > SEAL_CHARS && sealed[len - SEAL_CHARS - 1] == '.' &&
	    str_unhex(shown, sizeof(shown), sealed + len - SEAL_CHARS) == 0 &&
	    digest_hmac_sha256(key, strlen(key), sealed, len - SEAL_CHARS - 1, mac) == 0 &&
	    digest_equal(mac, shown, sizeof(mac))) {
		sealed[len - SEAL_CHARS - 1] = '\0';
		return 0;
	}
	return err_set(err, ERR_DENIED, "the seal is broken");
}
