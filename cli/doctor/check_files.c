/* SPDX-License-Identifier: Apache-2.0 */
/* Owner and mode of every directory and file of an installation. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "base/str.h"
#include "cli/doctor/doctor.h"
#include "cli/doctor/tree_check.h"

/* "jqm up" closes all of a home to other accounts.  What is below tmp belongs to jobs that run. */
static const struct {
	const char *name;
	bool needed;
	struct tree_rule rule;
} home_places[] = {
	{ "conf", true, { 0700, 0600, true, false, true } },
	{ "state", true, { 0700, 0600, true, false, true } },
	{ "run", true, { 0700, 0764, true, false, true } }, /* sockets; numbers of processes */
	{ "log", true, { 0700, 0640, true, false, true } },
	{ "jobs", true, { 0755, 0755, true, true, true } },
	{ "outputfiles", true, { 0750, 0640, true, false, true } },
	{ "joblogs", true, { 0750, 0640, true, false, true } },
	{ "tmp", true, { 0700, 0600, false, false, true } },
	{ "db", true, { 0700, 0600, true, false, true } },
	{ "root-password", false, { 0700, 0600, false, false, true } },
};

/*
 * The directories a configuration names.  A group may read logs and files, so that a web server of another account
 * can, and the group of logs that are being written stands for the account a job runs as; the configuration is the account's to write, so what it names is never given to it.
 */
static const struct {
	const char *key;
	struct tree_rule rule;
} named_places[] = {
	{ "runner:state_dir", { 02700, 0660, true, false, false } },
	{ "runner:log_dir", { 02750, 0640, true, false, false } },
	{ "runner:joblog_dir", { 02750, 0660, true, false, false } },
	{ "runner:delivery_store", { 02750, 0640, true, false, false } },
	{ "runner:temp_dir", { 02711, 0600, false, false, false } },
	{ "runner:job_repository", { 02755, 0755, true, true, false } },
	{ "nginx:directory", { 02750, 0764, true, false, false } },
	{ "fcgi:joblog_dir", { 02750, 0640, true, false, false } },
	{ "fcgi:delivery_store", { 02750, 0640, true, false, false } },
};
#define NAMED (sizeof(named_places) / sizeof(named_places[0]))

static void
check_home(struct doctor *doctor)
{
	const struct tree_rule top = { .directory = 0700, .file = 0600, .may_give = true };

	(void)tree_check(doctor, doctor->home.path, &top);
	tree_check_above(doctor, doctor->home.path);
	for (size_t i = 0; i < sizeof(home_places) / sizeof(home_places[0]); i++) {
		char *path = home_file(&doctor->home, home_places[i].name);

		if (!tree_check(doctor, path, &home_places[i].rule) && home_places[i].needed)
			doctor_say(doctor, FINDING_NOTE, path, "jqm up makes it", "is missing");
		free(path);
	}
	if (!str_starts(doctor->home.sockets, doctor->home.path))
		(void)tree_check(doctor, doctor->home.sockets,
				 &(struct tree_rule){ 0700, 0764, true, false, false });
}

/* Links of the directories above are resolved; one in the place of the directory itself stays what it is. */
static char *
real_place(const char *setting)
{
	char *above = path_dir(setting), *real = realpath(above, NULL);
	const char *name = strrchr(setting, '/') + 1;
	char *path = real == NULL ? NULL : str_printf("%s/%s", real, name);

	if (path != NULL && access(path, F_OK) == -1) {
		free(path);
		path = NULL;
	}
	free(real);
	free(above);
	return path;
}

static bool
is_below(const char *path, const char *top)
{
	return top != NULL && str_starts(path, top) &&
	       (path[strlen(top)] == '/' || path[strlen(top)] == '\0');
}

static void
check_named(struct doctor *doctor, size_t at, char *const paths[NAMED])
{
	if (is_below(paths[at], doctor->home.path))
		return;
	for (size_t i = 0; i < at; i++)
		if (paths[i] != NULL && strcmp(paths[i], paths[at]) == 0)
			return;
	(void)tree_check(doctor, paths[at], &named_places[at].rule);
	tree_check_above(doctor, paths[at]);
}

void
doctor_check_files(struct doctor *doctor)
{
	char *paths[NAMED] = { NULL };

	if (doctor->home.path != NULL)
		check_home(doctor);
	for (size_t i = 0; i < NAMED; i++) {
		const char *setting = doctor_setting(doctor, named_places[i].key);

		if (setting == NULL)
			continue;
		paths[i] = real_place(setting);
		if (paths[i] != NULL)
			check_named(doctor, i, paths);
		else
			doctor_say(doctor, errno == ENOENT ? FINDING_NOTE : FINDING_WRONG, setting,
				   "jqm-runner makes most of them when it starts",
				   "named by %s: %s", named_places[i].key, strerror(errno));
	}
	for (size_t i = 0; i < NAMED; i++)
		free(paths[i]);
}
