/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/client_conf.h: which server, as whom.
 *
 * First of: --config FILE; --home D (D/conf/jqm.ini); the environment (JQM_URL, with JQM_USER and
 * JQM_PASSWORD_FILE, JQM_CA_FILE, JQM_CERTIFICATE_FILE, JQM_KEY_FILE); inside a job its runner's (JQM_API_LOCAL_URL, JQM_API_LOGIN, JQM_API_PASSWORD);
 * $JQM_CONFIG; $HOME/.config/jqm/client.ini if it is there; conf/jqm.ini of $JQM_HOME, else of ./var.
 * All values come from the same place, so that no server gets a password meant for another.
 */
#ifndef CLI_CLIENT_CONF_H
#define CLI_CLIENT_CONF_H

struct cli;
struct err;

struct client_conf {
	char *url; /* of a web API; of a database: only what jqm.h has is to be had there */
	char *user; /* NULL: nobody */
	char *password; /* NULL without user */
	char *ca_file; /* NULL: the system's authorities */
	char *certificate, *key; /* files of ours to show; NULL: none; key NULL: in the same file */
};
#define CLIENT_CONF_INIT                           \
	{                                          \
		NULL, NULL, NULL, NULL, NULL, NULL \
	}

/*
 * 0; -1: ERR_INVALID when no server is known, ERR_DENIED for a file of ours that others can read, else
 * as settings_read().  Started by root, files of another account are read with its rights only.
 */
int client_conf_find(const struct cli *cli, struct client_conf *out, struct err *err);

/* Also clears the password. */
void client_conf_free(struct client_conf *conf);

#endif
