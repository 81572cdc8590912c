/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration and the secrets it names: readable by the account of the installation, and by nobody else. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "cli/doctor/doctor.h"
#include "cli/doctor/lent_rights.h"
#include "cli/doctor/tree_check.h"
#include "conf/settings.h"

#define REPAIR_READING "conf/README.md tells each setting"

/* Files that are secrets, by the settings that name them. */
static const char *const secrets[] = { "secrets:key_file",   "pki:passphrase_file",  "pki:key",
				       "mail:password_file", "client:password_file", "client:key",
				       "audit:key_file" };

/* With the rights of the account, as its programs read it. */
static struct settings *
read_settings(struct doctor *doctor, struct err *err)
{
	struct lent_rights lender;
	struct settings *settings;

	if (doctor->is_root)
		lent_rights_give(&lender, &doctor->account);
	settings = settings_read(doctor->config_path, err);
	if (doctor->is_root)
		lent_rights_take_back(&lender);
	return settings;
}

static void
check_secret(struct doctor *doctor, const char *key)
{
	const struct tree_rule rule = { .directory = 0700, .file = 0600, .root_may_own = true };
	const char *setting = doctor_setting(doctor, key);
	char *path = setting == NULL ? NULL : realpath(setting, NULL);
	struct stat st;

	if (setting == NULL)
		return;
	if (path == NULL || stat(path, &st) == -1) {
		/* The home's own first password may have been taken away on purpose. */
		doctor_say(doctor,
			   strcmp(key, "client:password_file") == 0 ? FINDING_NOTE : FINDING_WRONG,
			   setting, "make it, or take the setting away", "named by %s: %s", key,
			   strerror(errno));
	} else if (!S_ISREG(st.st_mode)) {
		doctor_say(doctor, FINDING_WRONG, path, "name a file", "named by %s: is no file",
			   key);
	} else {
		(void)tree_check(doctor, path, &rule);
		tree_check_above(doctor, path);
		if (st.st_uid == 0 && doctor->account.uid != 0 && (st.st_mode & 044) == 0)
			doctor_say(doctor, FINDING_NOTE, path, NULL,
				   "named by %s: belongs to root, so account %s reads it only as a "
				   "credential of its systemd unit",
				   key, doctor->account_name);
	}
	free(path);
}

/* Whose keys sign what this node runs: who can change that list needs no key. */
static void
check_trusted_keys(struct doctor *doctor)
{
	const char *require = doctor_setting(doctor, "runner:require_signature");
	const char *setting = doctor_setting(doctor, "runner:trusted_keys");
	const struct tree_rule rule = {
		.directory = 0755, .file = 0644, .deep = true, .root_may_own = true
	};
	char *path = setting == NULL ? NULL : realpath(setting, NULL);
	struct stat st;

	if (require == NULL || strcmp(require, "yes") != 0)
		doctor_say(doctor, FINDING_NOTE, "runner:require_signature", "docs/signatures.md",
			   "is not yes: whoever can change definitions, or holds the database, "
			   "decides what this node runs");
	if (path != NULL && tree_check(doctor, path, &rule)) {
		tree_check_above(doctor, path);
		if (stat(path, &st) == 0 && st.st_uid != 0)
			doctor_say(
			    doctor, FINDING_NOTE, path, "give it to root",
			    "belongs to the account of the jobs: each of them can add a key");
	}
	free(path);
}

/* As whom jobs may run besides us. */
static void
check_accounts(struct doctor *doctor)
{
	const char *path = doctor_setting(doctor, "runner:accounts_file");
	struct stat st;

	if (path == NULL && doctor->home.path == NULL)
		doctor_say(doctor, FINDING_NOTE, "runner:accounts_file", "docs/run-as.md",
			   "is not given: all jobs run as account %s, and can read what it can, "
			   "other jobs' secrets too",
			   doctor->account_name);
	if (path == NULL || stat(path, &st) == -1)
		return; /* the keeper: nobody then */
	if (!S_ISREG(st.st_mode) || st.st_uid != 0 || (st.st_mode & 022) != 0)
		doctor_say(doctor, FINDING_WRONG, path, "as root: chown root, chmod 644",
			   "must be a file of root's that nobody else may write: the keeper "
			   "refuses it");
	else
		doctor_say(doctor, FINDING_OK, path, NULL, "is root's");
	tree_check_above(doctor, path);
}

void
doctor_check_configuration(struct doctor *doctor)
{
	const struct tree_rule rule = { .directory = 0700,
					.file = 0600,
					.root_may_own = doctor->home.path == NULL,
					.may_give = true };
	struct err err = ERR_INIT;

	if (!tree_check(doctor, doctor->config_path, &rule)) {
		doctor_say(doctor, FINDING_WRONG, doctor->config_path,
			   doctor->home.path != NULL ? "jqm up writes one" : REPAIR_READING,
			   "there is no configuration");
		return;
	}
	tree_check_above(doctor, doctor->config_path);
	doctor->settings = read_settings(doctor, &err);
	if (doctor->settings == NULL) {
		doctor_say(doctor, FINDING_WRONG, doctor->config_path, REPAIR_READING, "%s",
			   err.text);
		return;
	}
	doctor_say(doctor, FINDING_OK, doctor->config_path, NULL, "is read and understood");
	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
		check_secret(doctor, secrets[i]);
	check_trusted_keys(doctor);
	check_accounts(doctor);
}
