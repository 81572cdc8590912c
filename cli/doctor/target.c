/* SPDX-License-Identifier: Apache-2.0 */
/* Which installation jqm doctor looks at, and which account it belongs to. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "cli/cli.h"
#include "cli/doctor/doctor.h"

/*
 * The account: ours, unless we are root.  Root's is what $JQM_ACCOUNT says, else who owns path, else "jqm": what
 * the configuration says counts for nothing here, since the account itself can change it.
 */
static int
find_account(struct doctor *doctor, const char *path, struct err *err)
{
	const char *variable = getenv("JQM_ACCOUNT");
	struct err ignored = ERR_INIT;

	if (!doctor->is_root) {
		account_of_uid(geteuid(), &doctor->account);
		return 0;
	}
	if ((variable == NULL || variable[0] == '\0') &&
	    account_of_file(path, &doctor->account, &ignored) == 0)
		return 0;
	return account_find(&doctor->account, err);
}

/* The name of the sockets' directory may depend on whose home it is. */
static int
find_sockets(struct doctor *doctor, struct err *err)
{
	char *path = str_dup(doctor->home.path);
	int rc;

	home_free(&doctor->home);
	if (seteuid(doctor->account.uid) == -1)
		abort();
	rc = home_locate(path, &doctor->home, err);
	if (seteuid(0) == -1)
		abort();
	free(path);
	return rc;
}

static int
find_home(struct doctor *doctor, const char *requested, struct err *err)
{
	struct stat st;

	if (home_locate(requested, &doctor->home, err) == -1)
		return -1;
	if (!home_exists(doctor->home.path))
		return err_set(err, ERR_NOT_FOUND,
			       access(doctor->home.path, X_OK) == -1 && errno == EACCES
				   ? "home \"%s\" is closed to this account: ask as its owner, or "
				     "as root"
				   : "there is no home of jqm in \"%s\": name one by --home, or a "
				     "configuration by --config",
			       doctor->home.path);
	if (stat(doctor->home.path, &st) == 0 && !doctor->is_root && st.st_uid != geteuid())
		return err_set(
		    err, ERR_DENIED,
		    "home \"%s\" belongs to uid %u, and this is uid %u: ask as its owner, "
		    "or as root",
		    doctor->home.path, (unsigned)st.st_uid, (unsigned)geteuid());
	doctor->config_path = home_file(&doctor->home, "conf/jqm.ini");
	if (find_account(doctor, doctor->home.path, err) == -1)
		return -1;
	return doctor->is_root ? find_sockets(doctor, err) : 0;
}

/*
 * The home whose conf/jqm.ini path is, in fresh memory; NULL: it is that of none.  Not for root: in a home root gives the
 * account whatever lies there, and whoever can write beside the file could make it look like one.
 */
static char *
home_of_config(const struct doctor *doctor, const char *path)
{
	static const char *const marks[] = { "state/up.lock", "db/PG_VERSION" };
	static const char end[] = "/conf/jqm.ini";
	char *real = doctor->is_root ? NULL : realpath(path, NULL);
	bool is_home = real != NULL && str_ends(real, end);

	if (is_home)
		real[strlen(real) - strlen(end)] = '\0';
	for (size_t i = 0; is_home && i < sizeof(marks) / sizeof(marks[0]); i++) {
		char *mark = str_printf("%s/%s", real, marks[i]);

		is_home = access(mark, F_OK) == 0;
		free(mark);
	}
	if (is_home)
		return real;
	free(real);
	return NULL;
}

int
doctor_find(struct doctor *doctor, struct err *err)
{
	const char *config = doctor->cli->config_path;
	char *home = config == NULL ? NULL : home_of_config(doctor, config);
	int rc;

	if (config == NULL || home != NULL) {
		rc = find_home(doctor, home != NULL ? home : doctor->cli->home, err);
	} else {
		doctor->config_path = realpath(config, NULL);
		rc = doctor->config_path == NULL
			 ? err_errno(err, ERR_NOT_FOUND, "configuration file \"%s\"", config)
			 : find_account(doctor, doctor->config_path, err);
	}
	if (rc == 0 && doctor->account.uid == 0)
		rc = err_set(err, ERR_DENIED,
			     "an installation cannot belong to root: no program of JQM runs as "
			     "root");
	if (rc == 0)
		doctor->account_name = doctor->account.name != NULL
					   ? str_dup(doctor->account.name)
					   : str_printf("%u", (unsigned)doctor->account.uid);
	free(home);
	return rc;
}
