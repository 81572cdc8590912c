/* SPDX-License-Identifier: Apache-2.0 */
#include "model/parameter_type.h"

#include <string.h>

#include "model/memory.h"

/* Before the choices. */
enum { MEMBER_KEY, MEMBER_TYPE, MEMBER_REQUIRED, MEMBER_HINT, MEMBERS };

static size_t
count(const char *text, size_t len, char what)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += text[i] == what;
	return n;
}

static int
read_line(const char *line, size_t len, struct memory *memory, struct parameter_type *out)
{
	size_t n = count(line, len, '\t') + 1, at = 0;
	const char **members;

	if (n < MEMBERS)
		return -1;
	members = memory_alloc_array(memory, n, sizeof(members[0]));
	for (size_t i = 0; i < n; i++) {
		size_t member_len = 0;

		while (at + member_len < len && line[at + member_len] != '\t')
			member_len++;
		members[i] = memory_dup_len(memory, line + at, member_len);
		at += member_len + 1;
	}
	*out = (struct parameter_type){
		.key = members[MEMBER_KEY],
		.type = members[MEMBER_TYPE],
		.required = strcmp(members[MEMBER_REQUIRED], "true") == 0,
		.hint = members[MEMBER_HINT][0] == '\0' ? NULL : members[MEMBER_HINT],
		.choices = { members + MEMBERS, n - MEMBERS },
	};
	return 0;
}

int
parameter_types_from_lines(const char *lines, struct memory *memory,
			   struct parameter_type_list *out)
{
	*out = (struct parameter_type_list){ NULL, 0 };
	if (lines == NULL || lines[0] == '\0')
		return 0;
	out->items = memory_alloc_array(memory, count(lines, strlen(lines), '\n') + 1,
					sizeof(out->items[0]));
	for (;;) {
		size_t len = strcspn(lines, "\n");

		if (read_line(lines, len, memory, &out->items[out->len++]) == -1)
			return -1;
		if (lines[len] == '\0')
			return 0;
		lines += len + 1;
	}
}
