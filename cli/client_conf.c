/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/client_conf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "cli/cli.h"
#include "conf/password_file.h"
#include "conf/settings.h"

#define SYSTEM_CONFIG "/etc/jqm/jqm.ini" /* as jqm setup makes it */

void
client_conf_free(struct client_conf *conf)
{
	free(conf->url);
	free(conf->user);
	str_forget(conf->password);
	free(conf->ca_file);
	free(conf->certificate);
	free(conf->key);
	*conf = (struct client_conf)CLIENT_CONF_INIT;
}

static const char *
variable(const char *name)
{
	const char *value = getenv(name);

	return value == NULL || value[0] == '\0' ? NULL : value;
}

/* A key that others can read is as good as none. */
static int
check_key(const char *path, struct err *err)
{
	struct stat st;

	if (stat(path, &st) == -1)
		return err_errno(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_DENIED,
				 "could not look at private key \"%s\"", path);
	if (!S_ISREG(st.st_mode) || (st.st_mode & 077) != 0)
		return err_set(
		    err, ERR_DENIED,
		    "private key \"%s\" can be read by others, or is no file: chmod 600 it", path);
	return 0;
}

/* What TLS is spoken with. */
static int
take_tls(const char *ca_file, const char *certificate, const char *key, struct client_conf *out,
	 struct err *err)
{
	const char *secret = key == NULL ? certificate : key;

	out->ca_file = str_dup(ca_file);
	out->certificate = str_dup(certificate);
	out->key = str_dup(key);
	if (secret == NULL)
		return 0;
	if (certificate == NULL)
		return err_set(err, ERR_INVALID, "a private key is named, but no certificate");
	return check_key(secret, err);
}

static int
from_environment(const char *url, struct client_conf *out, struct err *err)
{
	const char *user = getenv("JQM_USER"), *file = getenv("JQM_PASSWORD_FILE");

	out->url = str_dup(url);
	if (take_tls(variable("JQM_CA_FILE"), variable("JQM_CERTIFICATE_FILE"),
		     variable("JQM_KEY_FILE"), out, err) == -1)
		return -1;
	if (user == NULL || user[0] == '\0')
		return 0;
	if (file == NULL || file[0] == '\0')
		return err_set(err, ERR_INVALID, "JQM_USER is set but JQM_PASSWORD_FILE is not");
	out->user = str_dup(user);
	out->password = password_file_read(file, err);
	return out->password == NULL ? -1 : 0;
}

static int
from_settings(const struct settings *settings, struct client_conf *out, struct err *err)
{
	const char *url, *user, *file;

	if (settings_require(settings, "client:url", &url, err) == -1)
		return -1;
	out->url = str_dup(url);
	if (take_tls(settings_text(settings, "client:ca_file"),
		     settings_text(settings, "client:certificate"),
		     settings_text(settings, "client:key"), out, err) == -1)
		return -1;
	user = settings_text(settings, "client:user");
	if (user == NULL)
		return 0;
	if (settings_require(settings, "client:password_file", &file, err) == -1)
		return -1;
	out->user = str_dup(user);
	out->password = password_file_read(file, err);
	return out->password == NULL ? -1 : 0;
}

static int
from_file(const char *path, struct client_conf *out, struct err *err)
{
	struct settings *settings;
	struct stat st;
	bool other = geteuid() == 0 && stat(path, &st) == 0 && st.st_uid != 0;
	int rc = -1;

	/* Root must not read for somebody else what that account could not read itself. */
	if (other && (setegid(st.st_gid) == -1 || seteuid(st.st_uid) == -1))
		return err_errno(err, ERR_INTERNAL, "could not read \"%s\" as its owner", path);
	settings = settings_read(path, err);
	if (settings != NULL)
		rc = from_settings(settings, out, err);
	settings_free(settings);
	if (other && (seteuid(0) == -1 || setegid(0) == -1))
		rc = err_errno(err, ERR_INTERNAL, "could not become root again");
	return rc;
}

/* path (owned, freed here). */
static int
from_owned(char *path, struct client_conf *out, struct err *err)
{
	int rc = from_file(path, out, err);

	free(path);
	return rc;
}

/* Inside a job: its node's address and its own token, all three from its runner. */
static bool
from_job(struct client_conf *out)
{
	const char *url = variable("JQM_API_LOCAL_URL"), *login = variable("JQM_API_LOGIN"),
		   *token = variable("JQM_API_PASSWORD");

	if (url == NULL || login == NULL || token == NULL)
		return false;
	out->url = str_dup(url);
	out->user = str_dup(login);
	out->password = str_dup(token);
	return true;
}

static int
find(const struct cli *cli, struct client_conf *out, struct err *err)
{
	const char *url = variable("JQM_URL"), *config = variable("JQM_CONFIG"),
		   *user_home = variable("HOME"), *jqm_home = variable("JQM_HOME");
	char *path;

	if (cli->config_path != NULL)
		return from_file(cli->config_path, out, err);
	if (cli->home != NULL)
		return from_owned(str_printf("%s/conf/jqm.ini", cli->home), out, err);
	if (url != NULL)
		return from_environment(url, out, err);
	if (from_job(out))
		return 0;
	if (config != NULL)
		return from_file(config, out, err);
	if (user_home != NULL) {
		path = str_printf("%s/.config/jqm/client.ini", user_home);
		if (access(path, F_OK) == 0)
			return from_owned(path, out, err);
		free(path);
	}
	path = str_printf("%s/conf/jqm.ini", jqm_home == NULL ? "./var" : jqm_home);
	if (jqm_home != NULL || access(path, F_OK) == 0)
		return from_owned(path, out, err);
	free(path);
	/* For who may read it: root, and the account of the programs. */
	if (access(SYSTEM_CONFIG, R_OK) == 0)
		return from_file(SYSTEM_CONFIG, out, err);
	return err_set(err, ERR_INVALID,
		       "no server is known: set JQM_URL, or name a configuration with --config or "
		       "--home");
}

int
client_conf_find(const struct cli *cli, struct client_conf *out, struct err *err)
{
	*out = (struct client_conf)CLIENT_CONF_INIT;
	if (find(cli, out, err) == -1) {
		client_conf_free(out);
		if (err->kind == ERR_NOT_FOUND) /* a file of ours, not what the user asked for */
			err->kind = ERR_INVALID;
		return -1;
	}
	return 0;
}
