/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fork_away EXIT_CODE: becomes a daemon by the book (double fork, sessions, outputs closed, TERM and
 * HUP ignored) that lives for a minute; the first process ends with EXIT_CODE once the daemon is one
 * and "ready" is said.  EXIT_CODE -1: the first process stays, too.
 */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static void
daemon_live(int said)
{
	(void)setsid();
	(void)signal(SIGTERM, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	(void)close(STDIN_FILENO);
	(void)close(STDERR_FILENO);
	(void)alarm(60);
	if (write(STDOUT_FILENO, "ready\n", 6) != 6 || write(said, "x", 1) != 1)
		_exit(1);
	(void)close(STDOUT_FILENO);
	(void)close(said);
	for (;;)
		(void)pause();
}

int
main(int argc, char **argv)
{
	int code = argc > 1 ? atoi(argv[1]) : 0;
	int said[2];
	char byte;

	if (pipe(said) == -1)
		return 1;
	switch (fork()) {
	case -1:
		return 1;
	case 0:
		(void)setsid();
		if (fork() == 0)
			daemon_live(said[1]);
		_exit(0);
	default:
		break;
	}
	(void)close(said[1]);
	if (read(said[0], &byte, 1) != 1)
		return 1;
	if (code >= 0)
		return code;
	(void)alarm(60);
	for (;;)
		(void)pause();
}
