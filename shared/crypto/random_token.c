/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/random_token.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/str.h"

int
random_bytes(void *out, size_t len)
{
	unsigned char *at = out;

	while (len > 0) {
		ssize_t got = getrandom(at, len, 0);

		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return -1;
		at += got;
		len -= (size_t)got;
	}
	return 0;
}

int
random_guid(char out[RANDOM_GUID_SIZE])
{
	static const size_t group_bytes[] = { 4, 2, 2, 2, 6 };
	unsigned char bytes[16];
	const unsigned char *from = bytes;

	if (random_bytes(bytes, sizeof(bytes)) == -1)
		return -1;
	bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40); /* version 4 */
	bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80); /* variant of RFC 9562 */
	for (size_t i = 0; i < sizeof(group_bytes) / sizeof(group_bytes[0]); i++) {
		if (i > 0)
			*out++ = '-';
		str_hex(out, from, group_bytes[i]);
		out += 2 * group_bytes[i];
		from += group_bytes[i];
	}
	return 0;
}

int
random_text(char *out, size_t len)
{
	static const char alphabet[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	const unsigned int letters = sizeof(alphabet) - 1;
	unsigned char pool[64];
	size_t done = 0;

	while (done < len) {
		if (random_bytes(pool, sizeof(pool)) == -1)
			return -1;
		for (size_t i = 0; i < sizeof(pool) && done < len; i++)
			if (pool[i] < 256 / letters * letters) /* else some letters were likelier */
				out[done++] = alphabet[pool[i] % letters];
	}
	out[len] = '\0';
	explicit_bzero(pool, sizeof(pool));
	return 0;
}
