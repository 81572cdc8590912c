/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flood_output BYTES [err [MOST]]: writes so many bytes of numbered lines (0: for 30 seconds), then ends.  It waits while
 * the file takes more than MOST bytes on the disk: somebody cuts it.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void
wait_for_room(int fd, long long most)
{
	struct stat st;

	while (fstat(fd, &st) == 0 && (long long)st.st_blocks * 512 > most)
		(void)poll(NULL, 0, 2);
}

int
main(int argc, char **argv)
{
	long long max = argc > 1 ? atoll(argv[1]) : 0;
	int fd = argc > 2 && strcmp(argv[2], "err") == 0 ? STDERR_FILENO : STDOUT_FILENO;
	long long most = argc > 3 ? atoll(argv[3]) : 0;
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
		if (most > 0 && written % (1 << 20) == 0)
			wait_for_room(fd, most);
	}
	return 0;
}
