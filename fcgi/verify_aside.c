/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/verify_aside.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "crypto/password_hash.h"

#define NICE_MOST 19

/* What the child says by its exit code; others are a crash's. */
enum verdict { RIGHT = 40, WRONG, OF_NO_KNOWN_FORM, FAILED };

static void
compare(const char *password, const char *hash)
{
	struct err err = ERR_INIT;
	int right = 0;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* nobody would hear the answer */
	(void)setpriority(PRIO_PROCESS, 0, NICE_MOST);
	if (hash == NULL)
		password_verify_nobody(password);
	else
		right = password_verify(password, hash, &err);
	/* _exit(): what is registered to run at the end is the parent's. */
	_exit(right == 1                ? RIGHT
	      : right == 0              ? WRONG
	      : err.kind == ERR_INVALID ? OF_NO_KNOWN_FORM
					: FAILED);
}

int
verify_aside(const char *password, const char *hash, struct err *err)
{
	pid_t child = fork();
	int status = 0;

	if (child == 0)
		compare(password, hash);
	if (child == -1)
		return err_set(err, ERR_BUSY, "no process could be had to compare a password: %s",
			       strerror(errno));
	while (waitpid(child, &status, 0) == -1)
		if (errno != EINTR)
			return err_errno(err, ERR_INTERNAL,
					 "the comparison of a password was lost");
	switch (WIFEXITED(status) ? WEXITSTATUS(status) : FAILED) {
	case RIGHT:
		return 1;
	case WRONG:
		return 0;
	case OF_NO_KNOWN_FORM:
		return err_set(err, ERR_INVALID, "the stored password hash is of no known form");
	default:
		return err_set(err, ERR_INTERNAL, "could not compute a password hash");
	}
}
