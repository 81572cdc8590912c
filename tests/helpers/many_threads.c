/* SPDX-License-Identifier: Apache-2.0 */
/* A job of one process and as many threads as its argument says: "ready", then a minute of nothing. */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static void *
idle(void *arg)
{
	for (;;)
		(void)pause();
	return arg;
}

int
main(int argc, char **argv)
{
	pthread_t thread;

	for (long n = argc > 1 ? strtol(argv[1], NULL, 10) : 1; n > 1; n--)
		if (pthread_create(&thread, NULL, idle, NULL) != 0)
			return 1;
	if (write(STDOUT_FILENO, "ready\n", 6) != 6)
		return 1;
	(void)alarm(60);
	for (;;)
		(void)pause();
}
