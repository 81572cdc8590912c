/* SPDX-License-Identifier: Apache-2.0 */
/* A job that says "ready", closes its outputs and lives on for a minute. */
#include <unistd.h>

int
main(void)
{
	if (write(STDOUT_FILENO, "ready\n", 6) != 6)
		return 1;
	(void)close(STDOUT_FILENO);
	(void)close(STDERR_FILENO);
	(void)alarm(60);
	for (;;)
		(void)pause();
}
