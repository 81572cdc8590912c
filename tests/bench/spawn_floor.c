/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spawn_floor JOBS IN_FLIGHT DIR: how many times a second this machine can run "sh -c true" with a
 * session and a log file of its own, IN_FLIGHT at a time.  The floor of every job runner.
 * Prints jobs per second.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double
now_s(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
start(const char *dir, long n)
{
	static char sh[] = "sh", option[] = "-c", command[] = "true";
	static char *const argv[] = { sh, option, command, NULL };
	static char *const envp[] = { NULL };
	char path[4096];
	int fd;
	pid_t pid;

	(void)snprintf(path, sizeof(path), "%s/%ld", dir, n);
	(void)mkdir(path, 0750);
	(void)snprintf(path, sizeof(path), "%s/%ld.log", dir, n);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
	pid = vfork();
	if (pid == 0) {
		(void)setsid();
		(void)dup2(fd, STDOUT_FILENO);
		(void)dup2(fd, STDERR_FILENO);
		(void)execve("/bin/sh", argv, envp);
		_exit(127);
	}
	(void)close(fd);
	if (fd == -1 || pid == -1) {
		perror("spawn_floor");
		exit(1);
	}
}

int
main(int argc, char **argv)
{
	long jobs = argc == 4 ? strtol(argv[1], NULL, 10) : 0;
	long in_flight = argc == 4 ? strtol(argv[2], NULL, 10) : 0;
	long started = 0, ended = 0;
	double begin;

	if (jobs < 1 || in_flight < 1) {
		(void)fprintf(stderr, "usage: spawn_floor JOBS IN_FLIGHT DIR\n");
		return 2;
	}
	begin = now_s();
	while (ended < jobs) {
		while (started < jobs && started - ended < in_flight)
			start(argv[3], started++);
		if (waitpid(-1, NULL, 0) == -1 && errno != EINTR) {
			perror("spawn_floor");
			return 1;
		}
		ended++;
	}
	(void)printf("%.0f\n", (double)jobs / (now_s() - begin));
	return 0;
}
