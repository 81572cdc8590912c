/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hopper COUNT NAP_MS MARK: COUNT chains of processes, each of which leaves its session, naps, forks
 * and ends, so that no number stays the same; TERM is ignored, the environment is empty.  All ends by
 * itself a minute after the start.  The first process ends with 7 once the chains run.  MARK is only
 * there to be found in /proc/PID/cmdline.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define LIFE_S 60

static void
hop(time_t until, int nap_ms)
{
	while (time(NULL) < until) {
		(void)setsid();
		if (nap_ms > 0)
			(void)poll(NULL, 0, nap_ms);
		if (fork() > 0)
			_exit(0);
	}
	_exit(0);
}

int
main(int argc, char **argv)
{
	char *const nothing[] = { NULL };
	time_t until = time(NULL) + LIFE_S;
	int count;

	if (argc != 4)
		return 1;
	if (getenv("JQM_KEEPER_TAG") != NULL) {
		(void)execve("/proc/self/exe", argv, nothing);
		return 1;
	}
	(void)signal(SIGTERM, SIG_IGN);
	count = atoi(argv[1]);
	for (int i = 0; i < count; i++)
		if (fork() == 0)
			hop(until, atoi(argv[2]));
	(void)puts("ready");
	return 7;
}
