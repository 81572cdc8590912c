/* SPDX-License-Identifier: Apache-2.0 */
/* A job that ignores TERM: says "ready" and lives for a minute unless it is killed. */
#include <signal.h>
#include <unistd.h>

int
main(void)
{
	(void)signal(SIGTERM, SIG_IGN);
	if (write(STDOUT_FILENO, "ready\n", 6) != 6)
		return 1;
	(void)alarm(60);
	for (;;)
		(void)pause();
}
