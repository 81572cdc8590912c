/* SPDX-License-Identifier: Apache-2.0 */
/* Room on the file systems of an installation, and logs nobody sets aside. */
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "cli/doctor/doctor.h"
#include "conf/settings.h"

#define MB ((uint64_t)1024 * 1024)
#define PLACES_MAX 16
#define LOG_LARGE_BYTES (1024 * MB) /* where nothing says how large a log may be */

static const char *const keys[] = { "runner:state_dir",  "runner:log_dir",
				    "runner:joblog_dir", "runner:delivery_store",
				    "runner:temp_dir",   "runner:job_repository",
				    "fcgi:joblog_dir",   "fcgi:delivery_store" };

/* free of total, of what unit: 2 lines of thought for room and for names alike. */
static void
check_room(struct doctor *doctor, const char *path, uint64_t free_units, uint64_t total,
	   uint64_t note_below, uint64_t wrong_below, const char *unit)
{
	/* A small file system is judged by its share alone. */
	uint64_t percent = total == 0 ? 100 : free_units * 100 / total;
	enum finding_kind kind = percent >= 10 || (percent >= 2 && free_units >= note_below)
				     ? FINDING_OK
				 : percent >= 2 || free_units >= wrong_below ? FINDING_NOTE
									     : FINDING_WRONG;

	doctor_say(doctor, kind, path,
		   kind == FINDING_OK ? NULL : "make room: jqm purge, historyRetentionInDays",
		   "%" PRIu64 " %s are free, %" PRIu64 " %%", free_units, unit, percent);
}

/* We write nothing there, and the runner's unit under systemd may have it read-only. */
static bool
is_repository(const struct doctor *doctor, const char *path)
{
	const char *repository = doctor_setting(doctor, "runner:job_repository");

	return repository != NULL && strcmp(path, repository) == 0;
}

static void
check_place(struct doctor *doctor, const char *path)
{
	struct statvfs room;

	if (statvfs(path, &room) == -1)
		return; /* missing: said with the files */
	if ((room.f_flag & ST_RDONLY) != 0 && !is_repository(doctor, path))
		doctor_say(doctor, FINDING_WRONG, path, "mount it for writing",
			   "lies on a file system that is read-only");
	check_room(doctor, path, (uint64_t)room.f_bavail * room.f_frsize / MB,
		   (uint64_t)room.f_blocks * room.f_frsize / MB, 1024, 200, "MB");
	if (room.f_files > 0) /* some file systems have no such limit */
		check_room(doctor, path, room.f_favail, room.f_files, 100000, 10000, "inodes");
}

void
doctor_check_disk(struct doctor *doctor)
{
	const char *paths[PLACES_MAX] = { NULL };
	dev_t seen[PLACES_MAX];
	size_t n = 0, seen_len = 0;

	if (doctor->home.path != NULL)
		paths[n++] = doctor->home.path;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (doctor_setting(doctor, keys[i]) != NULL)
			paths[n++] = doctor_setting(doctor, keys[i]);
	for (size_t i = 0; i < n; i++) {
		struct stat st;
		size_t s = 0;

		if (stat(paths[i], &st) == -1)
			continue;
		while (s < seen_len && seen[s] != st.st_dev)
			s++;
		if (s < seen_len)
			continue;
		seen[seen_len++] = st.st_dev;
		check_place(doctor, paths[i]);
	}
}

/* Each file of a directory of logs: none should be far larger than it may become. */
static void
check_log_dir(struct doctor *doctor, const char *path, uint64_t large)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	uint64_t total = 0;
	size_t files = 0;

	if (dir == NULL)
		return; /* said with the files */
	while ((entry = readdir(dir)) != NULL) {
		char *name;
		struct stat st;

		if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
		    !S_ISREG(st.st_mode))
			continue;
		files++;
		total += (uint64_t)st.st_blocks * 512;
		if ((uint64_t)st.st_size <= large)
			continue;
		name = str_printf("%s/%s", path, entry->d_name);
		doctor_say(doctor, FINDING_WRONG, name,
			   "node:log_max_bytes, or logrotate (conf/README.md)",
			   "has %" PRIu64 " MB, and nobody sets it aside",
			   (uint64_t)st.st_size / MB);
		free(name);
	}
	(void)closedir(dir);
	doctor_say(doctor, FINDING_OK, path, NULL, "%zu logs take %" PRIu64 " MB", files,
		   total / MB);
}

void
doctor_check_logs(struct doctor *doctor)
{
	const char *path = doctor_setting(doctor, "runner:log_dir");
	uint64_t limit =
	    path == NULL ? 0 : (uint64_t)settings_int(doctor->settings, "node:log_max_bytes");

	if (path != NULL)
		check_log_dir(doctor, path, limit == 0 ? LOG_LARGE_BYTES : limit * 2 + MB);
}
