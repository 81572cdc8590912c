/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/up/nginx_place.h: where nginx of a node has its files: in a home, or in the directory that a configuration file
 * names (nginx:directory), for a node whose programs somebody else starts.
 */
#ifndef UP_NGINX_PLACE_H
#define UP_NGINX_PLACE_H

struct err;
struct home;
struct settings;

/* All owned. */
struct nginx_place {
	char *config; /* jqm.ini */
	char *prefix; /* the directory nginx is started with (-p) */
	char *conf, *fresh; /* its configuration, and the one that is tried; both in conf_dir */
	char *conf_dir;
	char *tls; /* directory of our certificate and of those we trust */
	char *run, *log, *pid; /* temporary files, logs, pid file */
	char *fcgi_socket, *events_socket, *deliveries, *joblogs;
};
#define NGINX_PLACE_INIT                                                                      \
	{                                                                                     \
		NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, \
	}

void nginx_place_of_home(const struct home *home, struct nginx_place *out);

/* Makes the directories.  -1: a setting is missing, or a path cannot stand in nginx's configuration. */
int nginx_place_of_config(const char *config, const struct settings *settings,
			  struct nginx_place *out, struct err *err);

/* Signal nginx that runs there, if it does. */
void nginx_tell(const struct nginx_place *place, int signal);

void nginx_place_free(struct nginx_place *place);

/* Can path stand between quotes in nginx's configuration as it is? */
int nginx_path_check(const char *path, struct err *err);

#endif
