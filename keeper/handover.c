/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/handover.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/local_account.h"
#include "base/log.h"
#include "base/str.h"
#include "keeper/keeper.h"
#include "keeper/take_back.h"

#define LENT_MODE 0750 /* our group may look: the runner measures it */
#define OWN_MODE 0700
#define NAME_SIZE 40

static const char *const suffixes[] = { "", "_delivery" };
#define DIRECTORIES 2

static void
name_of(int64_t job_id, int which, char out[NAME_SIZE])
{
	(void)snprintf(out, NAME_SIZE, "%" PRId64 "%s", job_id, suffixes[which]);
}

/*
 * It must be our account's, and nobody else's to write: what lies in it was put there by us, wherever a link that a
 * runner gone astray left in the way may lead.
 */
static int
open_work_dir(const struct handovers *handovers)
{
	struct stat st;
	int fd;

	errno = ENOENT;
	if (handovers->work_dir == NULL)
		return -1;
	fd = open(handovers->work_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd != -1 && fstat(fd, &st) == 0 && st.st_uid == geteuid() && (st.st_mode & 022) == 0)
		return fd;
	if (fd != -1)
		errno = EPERM;
	fd_close(&fd);
	return -1;
}

/* 0, or -1 with errno.  Only one that is ours: who has it already, a job of before perhaps, keeps it. */
static int
lend(int work_fd, const char *name, const struct local_account *account)
{
	int fd = openat(work_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	int rc = -1, saved;

	if (fd == -1 || fstat(fd, &st) == -1) {
		rc = -1;
	} else if (st.st_uid != geteuid()) {
		errno = EPERM;
	} else if ((st.st_gid == getegid() || fchown(fd, (uid_t)-1, getegid()) == 0) &&
		   ((st.st_mode & 0777) == LENT_MODE || fchmod(fd, LENT_MODE) == 0)) {
		rc = fchown(fd, account->uid, (gid_t)-1);
	}
	saved = errno;
	fd_close(&fd);
	errno = saved;
	return rc;
}

/* One that nobody has used. */
static void
unlend(int work_fd, const char *name)
{
	int fd = openat(work_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd != -1 && fchown(fd, geteuid(), (gid_t)-1) == 0)
		(void)fchmod(fd, OWN_MODE);
	fd_close(&fd);
}

int
handover_give(const struct handovers *handovers, int64_t job_id,
	      const struct local_account *account, struct keeper_not_started *why)
{
	int work_fd = open_work_dir(handovers);
	int done = 0;

	for (; work_fd != -1 && done < DIRECTORIES; done++) {
		char name[NAME_SIZE];

		name_of(job_id, done, name);
		if (lend(work_fd, name, account) == -1)
			break;
	}
	if (done < DIRECTORIES) {
		why->error = errno;
		(void)str_copy(why->step, sizeof(why->step),
			       "could not hand its directories to its account");
		while (done-- > 0) {
			char name[NAME_SIZE];

			name_of(job_id, done, name);
			unlend(work_fd, name);
		}
		fd_close(&work_fd);
		return -1;
	}
	fd_close(&work_fd);
	return 0;
}

void
handover_undo(const struct handovers *handovers, int64_t job_id)
{
	int work_fd = open_work_dir(handovers);

	for (int i = 0; work_fd != -1 && i < DIRECTORIES; i++) {
		char name[NAME_SIZE];

		name_of(job_id, i, name);
		unlend(work_fd, name);
	}
	fd_close(&work_fd);
}

/* --- taking back --- */

static bool
is_live(const struct keeper *keeper, int64_t job_id)
{
	for (int32_t at = 0; at < (int32_t)keeper->jobs.top; at++)
		if (job_slot(&keeper->jobs, at)->job_id == job_id && job_is_live(&keeper->jobs, at))
			return true;
	return false;
}

static _Noreturn void
child_run(const struct handovers *handovers, int64_t job_id, pid_t keeper)
{
	int work_fd = open_work_dir(handovers);
	int rc = work_fd == -1 ? -1 : 0;

	if (work_fd == -1)
		log_warn("directory_not_taken_back", "name=\"%s\" reason=\"%s\"",
			 handovers->work_dir == NULL ? "" : handovers->work_dir, strerror(errno));
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != keeper)
		_exit(1);
	for (int i = 0; work_fd != -1 && i < DIRECTORIES; i++) {
		char name[NAME_SIZE];

		name_of(job_id, i, name);
		if (take_back(work_fd, name) == -1) {
			log_warn("directory_not_taken_back", "name=\"%s\" reason=\"%s\"", name,
				 strerror(errno));
			rc = -1;
		}
	}
	_exit(rc == 0 ? 0 : 1);
}

void
handover_take_back(struct keeper *keeper, int64_t job_id)
{
	struct handovers *handovers = &keeper->handovers;
	pid_t self = getpid();
	int free_at = -1;

	if (!keeper->accounts.privileged || is_live(keeper, job_id))
		return;
	for (int i = 0; i < HANDOVERS_MAX; i++) {
		if (handovers->children[i].pid == 0)
			free_at = i;
		else if (handovers->children[i].job_id == job_id)
			return;
	}
	if (free_at == -1)
		return;
	handovers->children[free_at].job_id = job_id;
	handovers->children[free_at].pid = fork();
	if (handovers->children[free_at].pid == 0)
		child_run(handovers, job_id, self);
	if (handovers->children[free_at].pid == -1)
		handovers->children[free_at].pid = 0; /* ordered again, it may go better */
}

bool
handover_reaped(struct handovers *handovers, pid_t pid)
{
	for (int i = 0; i < HANDOVERS_MAX; i++)
		if (handovers->children[i].pid == pid) {
			handovers->children[i].pid = 0;
			return true;
		}
	return false;
}
