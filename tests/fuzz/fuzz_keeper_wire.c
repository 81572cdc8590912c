/* SPDX-License-Identifier: Apache-2.0 */
/* Any packet: refused, or each message writes back to the bytes it was read from. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "wire/keeper_wire.h"

#include "corpus_main.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct keeper_packet again;
	const char *bytes = (const char *)data;
	struct err err = ERR_INIT;
	struct keeper_msg msg;
	size_t offset = 0;
	size_t before = 0;
	int rc;

	if (size == 0)
		return 0;
	while ((rc = keeper_packet_next(bytes, size, &offset, &msg, &err)) == 1) {
		FUZZ_CHECK(offset > before && offset <= size);
		again.len = 0;
		FUZZ_CHECK(keeper_packet_add(&again, &msg, &err) == 0);
		FUZZ_CHECK(again.len == offset - before);
		FUZZ_CHECK(memcmp(again.data, bytes + before, again.len) == 0);
		keeper_msg_free(&msg);
		before = offset;
	}
	FUZZ_CHECK(offset == before);
	FUZZ_CHECK(rc == 0 ? offset == size : err.kind == ERR_INVALID);
	return 0;
}
