/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/loop_passes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

long
loop_longest_cpu_ms(const char *log)
{
	char line[512];
	long longest = 0;
	FILE *file = fopen(log, "re");

	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL) {
		const char *at =
		    strstr(line, " loop_busy ") == NULL ? NULL : strstr(line, " cpu_ms=");

		if (at != NULL && strtol(at + strlen(" cpu_ms="), NULL, 10) > longest)
			longest = strtol(at + strlen(" cpu_ms="), NULL, 10);
	}
	(void)fclose(file);
	return longest;
}
