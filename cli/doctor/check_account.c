/* SPDX-License-Identifier: Apache-2.0 */
/* The account of the installation is not root, nor as good as root; and the programs run as it. */
#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/num.h"
#include "base/str.h"
#include "cli/doctor/doctor.h"

#define GROUPS_MAX 256
#define NAME_MAX_BYTES 64

/* Whoever is in one of these is root whenever he likes, or reads what only root shall. */
static const char *const strong_groups[] = {
	"root", "sudo",   "wheel", "docker",          "lxd",   "disk",
	"kmem", "shadow", "adm",   "systemd-journal", "incus", "libvirt"
};

static bool
is_strong(const char *name)
{
	for (size_t i = 0; i < sizeof(strong_groups) / sizeof(strong_groups[0]); i++)
		if (strcmp(name, strong_groups[i]) == 0)
			return true;
	return false;
}

static void
check_groups(struct doctor *doctor)
{
	gid_t groups[GROUPS_MAX];
	int n = GROUPS_MAX;
	bool strong = false;

	if (doctor->account.name == NULL)
		return;
	if (getgrouplist(doctor->account.name, doctor->account.gid, groups, &n) == -1)
		n = GROUPS_MAX;
	for (int i = 0; i < n; i++) {
		const struct group *group = getgrgid(groups[i]);

		if (group == NULL || !is_strong(group->gr_name))
			continue;
		strong = true;
		doctor_say(doctor, FINDING_WRONG, doctor->account_name,
			   "take the account out of this group",
			   "is in group %s, and so is each job", group->gr_name);
	}
	if (!strong)
		doctor_say(doctor, FINDING_OK, doctor->account_name, NULL,
			   "is in no group with rights of root");
}

static void
check_login(struct doctor *doctor)
{
	const struct passwd *entry = getpwuid(doctor->account.uid);
	const char *shell = entry == NULL ? "" : entry->pw_shell;

	if (doctor->account.uid == 0)
		doctor_say(doctor, FINDING_WRONG, doctor->account_name,
			   "give the installation to an account of its own",
			   "is root: no program of JQM runs as root");
	else if (entry == NULL)
		doctor_say(doctor, FINDING_NOTE, doctor->account_name, NULL,
			   "has no name in the table of accounts");
	else if (!str_ends(shell, "/nologin") && !str_ends(shell, "/false"))
		doctor_say(doctor, FINDING_NOTE, doctor->account_name, NULL,
			   "can log in (shell %s): an account of its own, without a shell, "
			   "holds nothing else that a job could reach",
			   shell);
	else
		doctor_say(doctor, FINDING_OK, doctor->account_name, NULL, "cannot log in");
}

/* The first line of /proc/PID/comm, "" when it is gone. */
static void
read_name(const char *pid, char out[NAME_MAX_BYTES])
{
	char *path = str_printf("/proc/%s/comm", pid);
	struct buf text = BUF_INIT(NAME_MAX_BYTES - 1);
	struct err ignored = ERR_INIT;

	out[0] = '\0';
	if (fd_read_file(path, &text, &ignored) == 0)
		(void)str_copy(out, NAME_MAX_BYTES, buf_text(&text));
	out[strcspn(out, "\n")] = '\0';
	buf_free(&text);
	free(path);
}

/* No program of ours on this machine runs as root: it would refuse, so somebody changed it. */
static void
check_processes(struct doctor *doctor)
{
	DIR *proc = opendir("/proc");
	const struct dirent *entry;
	size_t seen = 0;

	while (proc != NULL && (entry = readdir(proc)) != NULL) {
		char name[NAME_MAX_BYTES];
		struct stat st;
		int64_t pid;

		if (num_int64(entry->d_name, 1, INT32_MAX, &pid) == -1)
			continue;
		read_name(entry->d_name, name);
		if (!str_starts(name, "jqm-") || fstatat(dirfd(proc), entry->d_name, &st, 0) == -1)
			continue;
		seen++;
		if (st.st_uid == 0)
			doctor_say(doctor, FINDING_WRONG, name, "stop it",
				   "process %s runs as root", entry->d_name);
	}
	if (proc != NULL)
		(void)closedir(proc);
	doctor_say(doctor, FINDING_OK, "processes", NULL, "%zu of JQM were looked at", seen);
}

void
doctor_check_account(struct doctor *doctor)
{
	check_login(doctor);
	check_groups(doctor);
	check_processes(doctor);
}
