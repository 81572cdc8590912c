/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For LD_PRELOAD: the wall clock of a program, and of those it starts, is JQM_OTHER_CLOCK_S seconds away from the machine's.
 * The steady ones are as they are.
 */
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static time_t
away_s(void)
{
	const char *text = getenv("JQM_OTHER_CLOCK_S");

	return text == NULL ? 0 : (time_t)atol(text);
}

int
clock_gettime(clockid_t id, struct timespec *now)
{
	int rc = (int)syscall(SYS_clock_gettime, id, now);

	if (rc == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
		now->tv_sec += away_s();
	return rc;
}

int
gettimeofday(struct timeval *restrict now, void *restrict zone)
{
	struct timespec at;

	(void)zone;
	(void)clock_gettime(CLOCK_REALTIME, &at);
	now->tv_sec = at.tv_sec;
	now->tv_usec = at.tv_nsec / 1000;
	return 0;
}

time_t
time(time_t *out)
{
	struct timespec at;

	(void)clock_gettime(CLOCK_REALTIME, &at);
	if (out != NULL)
		*out = at.tv_sec;
	return at.tv_sec;
}
