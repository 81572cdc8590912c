/* SPDX-License-Identifier: Apache-2.0 */
/* Directories and keys of a node, each with its owner and mode. */
#include "cli/setup/setup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "crypto/audit_key.h"
#include "crypto/random_token.h"
#include "crypto/secret_box.h"

void
setup_places_init(struct setup_places *places, const char *prefix)
{
	*places = (struct setup_places){
		.prefix = str_dup(prefix),
		.etc = str_printf("%s/etc/jqm", prefix),
		.lib = str_printf("%s/var/lib/jqm", prefix),
		.log = str_printf("%s/var/log/jqm", prefix),
		.run = str_printf("%s/run/jqm", prefix),
		.keeper_run = str_printf("%s/run/jqm-keeper", prefix),
		.ini = str_printf("%s/etc/jqm/jqm.ini", prefix),
		.passfile = str_printf("%s/etc/jqm/pgpass", prefix),
		.secrets_key = str_printf("%s/etc/jqm/secrets.key", prefix),
		.audit_key = str_printf("%s/etc/jqm/audit.key", prefix),
		.root_password = str_printf("%s/etc/jqm/root-password", prefix),
	};
}

void
setup_places_free(struct setup_places *places)
{
	free(places->prefix);
	free(places->etc);
	free(places->lib);
	free(places->log);
	free(places->run);
	free(places->keeper_run);
	free(places->ini);
	free(places->passfile);
	free(places->secrets_key);
	free(places->audit_key);
	free(places->root_password);
	memset(places, 0, sizeof(*places));
}

/*
 * Give what path names, a file or a directory and no link, its owner and a mode that has nothing beyond most;
 * the account itself may write in some of the directories above, so what is changed is what was opened.
 */
static int
own(struct setup *setup, const char *path, bool roots, mode_t most, struct err *err)
{
	uid_t uid = roots ? geteuid() : setup->account.uid;
	gid_t gid = roots ? getegid() : setup->account.gid;
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	int rc = 0;

	if (fd == -1 || fstat(fd, &st) == -1) {
		rc = err_errno(err, ERR_INVALID, "could not look at \"%s\"", path);
		goto cleanup;
	}
	if (S_ISREG(st.st_mode) ? st.st_nlink != 1 : !S_ISDIR(st.st_mode)) {
		rc =
		    err_set(err, ERR_INVALID, "\"%s\" is not a file or directory of its own", path);
		goto cleanup;
	}
	if (st.st_uid != uid || st.st_gid != gid) {
		rc = fchown(fd, uid, gid) == 0
			 ? 0
			 : err_errno(err, ERR_DENIED, "could not change the owner of \"%s\"", path);
		if (rc == 0 && st.st_uid != uid)
			setup_did(setup, "gave %s to %s", path,
				  roots ? "root" : setup->account.name);
	}
	if (rc == 0 && (st.st_mode & 07777 & ~most) != 0) {
		rc = fchmod(fd, st.st_mode & most) == 0
			 ? 0
			 : err_errno(err, ERR_DENIED, "could not change the mode of \"%s\"", path);
		if (rc == 0)
			setup_did(setup, "closed %s to others", path);
	}

cleanup:
	fd_close(&fd);
	return rc;
}

int
setup_own_file(struct setup *setup, const char *path, struct err *err)
{
	return own(setup, path, false, 0600, err);
}

int
setup_write(struct setup *setup, const char *path, const char *text, size_t len, struct err *err)
{
	size_t done = setup->report->len;

	if (fd_write_file(path, 0600, text, len, err) == -1 ||
	    setup_own_file(setup, path, err) == -1)
		return -1;
	setup->report->len = done; /* to whom a new file was given is no news */
	setup_did(setup, "made %s", path);
	return 0;
}

int
setup_directories(struct setup *setup, struct err *err)
{
	const struct setup_places *places = &setup->places;
	char *jobs = str_printf("%s/jobs", places->lib);
	/* What the programs may write, they own; but not the configuration's directory. */
	const struct {
		const char *path;
		bool roots, wanted;
		mode_t mode, most; /* as made; at most, if it is there */
	} all[] = {
		{ places->etc, true, true, 0755, 0755 },
		{ places->lib, false, true, 0711, 0751 },
		{ jobs, false, true, 0755, 02755 },
		{ places->log, false, true, 0750, 02750 },
		{ places->run, false, !setup_has_systemd(setup), 0755, 0755 },
		{ places->keeper_run, false, !setup_has_systemd(setup), 0700, 0711 },
	};
	int rc = 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]) && rc == 0; i++) {
		bool is_there = access(all[i].path, F_OK) == 0;
		size_t done = setup->report->len;
		struct stat st;

		/* One that leads elsewhere is an administrator's, and so is what it leads to. */
		if (!all[i].wanted || (lstat(all[i].path, &st) == 0 && S_ISLNK(st.st_mode)))
			continue;
		if (!is_there)
			rc = fd_make_dirs(all[i].path, all[i].mode, err);
		if (rc == 0)
			rc = own(setup, all[i].path, all[i].roots, all[i].most, err);
		if (rc == 0 && !is_there) {
			setup->report->len = done;
			setup_did(setup, "made %s", all[i].path);
		}
	}
	free(jobs);
	return rc;
}

static int
make_audit_key(struct setup *setup, struct err *err)
{
	char key[AUDIT_KEY_CHARS + 2];
	int rc;

	if (random_text(key, AUDIT_KEY_CHARS) == -1)
		return err_set(err, ERR_INTERNAL, "could not make a key for the audit trail");
	key[AUDIT_KEY_CHARS] = '\n';
	rc = setup_write(setup, setup->places.audit_key, key, AUDIT_KEY_CHARS + 1, err);
	explicit_bzero(key, sizeof(key));
	return rc;
}

static int
make_secrets_key(struct setup *setup, struct err *err)
{
	char key[SECRET_KEY_HEX_SIZE + 1];
	int rc = secret_key_new(key, err);

	key[SECRET_KEY_HEX_SIZE - 1] = '\n';
	if (rc == 0)
		rc = setup_write(setup, setup->places.secrets_key, key, SECRET_KEY_HEX_SIZE, err);
	explicit_bzero(key, sizeof(key));
	return rc;
}

/* Of a configuration that is there the keys are where it says; else those that are there stay. */
int
setup_keys(struct setup *setup, struct err *err)
{
	const struct {
		const char *path;
		int (*make)(struct setup *setup, struct err *err);
	} keys[] = { { setup->places.audit_key, make_audit_key },
		     { setup->places.secrets_key, make_secrets_key } };
	int rc = 0;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]) && rc == 0; i++) {
		if (access(keys[i].path, F_OK) == 0)
			rc = setup_own_file(setup, keys[i].path, err);
		else if (setup->is_new)
			rc = keys[i].make(setup, err);
	}
	return rc;
}
