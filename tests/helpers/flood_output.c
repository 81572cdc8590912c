/* SPDX-License-Identifier: Apache-2.0 */
/* flood_output BYTES [err]: writes so many bytes of numbered lines (0: for 30 seconds), then ends. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	long long max = argc > 1 ? atoll(argv[1]) : 0;
	int fd = argc > 2 && strcmp(argv[2], "err") == 0 ? STDERR_FILENO : STDOUT_FILENO;
	time_t until = time(NULL) + 30;
	long long written = 0;

	while (max > 0 ? written < max : time(NULL) < until) {
		char line[64];
		int len = snprintf(line, sizeof(line), "%063lld", written / 64);

		line[len] = '\n';
		if (max > 0 && max - written < 64)
			len = (int)(max - written) - 1;
		if (write(fd, line, (size_t)len + 1) != len + 1)
			return 1;
		written += len + 1;
	}
	return 0;
}
