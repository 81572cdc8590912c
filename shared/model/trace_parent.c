/* SPDX-License-Identifier: Apache-2.0 */
#include "model/trace_parent.h"

#include <stddef.h>
#include <string.h>

#define LEN (TRACE_PARENT_SIZE - 1)
#define TRACE_AT 3
#define TRACE_LEN 32
#define STEP_AT 36
#define STEP_LEN 16
#define FLAGS_AT 53

static bool
is_hex(const char *text, size_t len)
{
	return strspn(text, "0123456789abcdef") >= len;
}

static bool
is_zero(const char *text, size_t len)
{
	return strspn(text, "0") >= len;
}

bool
trace_parent_read(const char *text, char out[TRACE_PARENT_SIZE])
{
	size_t len = strlen(text);
	bool is_first = strncmp(text, "00", 2) == 0;

	if (len < LEN || (len > LEN && (is_first || text[LEN] != '-')))
		return false;
	if (!is_hex(text, 2) || strncmp(text, "ff", 2) == 0 || text[2] != '-' ||
	    !is_hex(text + TRACE_AT, TRACE_LEN) || is_zero(text + TRACE_AT, TRACE_LEN) ||
	    text[STEP_AT - 1] != '-' || !is_hex(text + STEP_AT, STEP_LEN) ||
	    is_zero(text + STEP_AT, STEP_LEN) || text[FLAGS_AT - 1] != '-' ||
	    !is_hex(text + FLAGS_AT, 2))
		return false;
	memcpy(out, text, LEN);
	out[LEN] = '\0';
	if (!is_first) {
		/* Of its flags only "sampled" is known to mean the same. */
		memcpy(out, "00", 2);
		out[FLAGS_AT] = '0';
		out[FLAGS_AT + 1] = strchr("13579bdf", text[FLAGS_AT + 1]) != NULL ? '1' : '0';
	}
	return true;
}
