/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/file_name.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

#define NAME_BYTES_MAX 255

/* In place. */
static void
make_safe(char *name)
{
	char *last = name;

	for (char *at = name; *at != '\0'; at++)
		if (*at == '/' || *at == '\\')
			last = at + 1;
	memmove(name, last, strlen(last) + 1);
	for (char *at = name; *at != '\0'; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			*at = '_';
	for (char *at = name; *at == '.'; at++)
		*at = '_';
	name[str_utf8_cut(name, NAME_BYTES_MAX)] = '\0';
}

char *
file_name_safe(const char *name, const char *fallback)
{
	char *safe = str_dup(name == NULL ? "" : name);

	make_safe(safe);
	if (safe[0] == '\0') {
		free(safe);
		safe = str_dup(fallback);
		make_safe(safe);
	}
	return safe;
}
