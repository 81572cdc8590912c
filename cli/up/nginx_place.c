/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/up/nginx_place.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "cli/up/home.h"
#include "cli/up/process.h"
#include "cli/up/tools.h"
#include "conf/events_socket.h"
#include "conf/settings.h"

void
nginx_place_of_home(const struct home *home, struct nginx_place *out)
{
	*out = (struct nginx_place){
		.config = home_file(home, "conf/jqm.ini"),
		.prefix = str_dup(home->path),
		.conf = home_file(home, "conf/nginx.conf"),
		.fresh = home_file(home, "conf/nginx.conf.new"),
		.conf_dir = home_file(home, "conf"),
		.tls = home_file(home, "state/tls"),
		.run = home_file(home, "run"),
		.log = home_file(home, "log"),
		.pid = home_file(home, "run/nginx.pid"),
		.fcgi_socket = str_printf("%s/fcgi.sock", home->sockets),
		.events_socket = str_printf("%s/events.sock", home->sockets),
		.deliveries = home_file(home, "outputfiles"),
		.joblogs = home_file(home, "joblogs"),
	};
}

int
nginx_path_check(const char *path, struct err *err)
{
	if (strpbrk(path, "\"\\$\n\r;{}") != NULL)
		return err_set(err, ERR_INVALID,
			       "\"%s\" has characters that cannot stand in nginx's configuration",
			       path);
	return 0;
}

static int
make_directories(const struct nginx_place *place, struct err *err)
{
	const char *const paths[] = { place->tls, place->run, place->log };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (fd_make_dirs(paths[i], 0700, err) == -1)
			return -1;
	return 0;
}

int
nginx_place_of_config(const char *config, const struct settings *settings, struct nginx_place *out,
		      struct err *err)
{
	const char *directory, *socket, *deliveries, *joblogs;
	char *events;

	if (settings_require(settings, "nginx:directory", &directory, err) == -1 ||
	    settings_require(settings, "fcgi:socket", &socket, err) == -1 ||
	    settings_require(settings, "fcgi:delivery_store", &deliveries, err) == -1 ||
	    settings_require(settings, "fcgi:joblog_dir", &joblogs, err) == -1 ||
	    nginx_path_check(directory, err) == -1 || nginx_path_check(socket, err) == -1 ||
	    nginx_path_check(deliveries, err) == -1 || nginx_path_check(joblogs, err) == -1)
		return -1;
	events = events_socket_path(settings);
	if (nginx_path_check(events, err) == -1) {
		free(events);
		return -1;
	}
	*out = (struct nginx_place){
		.config = str_dup(config),
		.prefix = str_dup(directory),
		.conf = tools_file(directory, "nginx.conf"),
		.fresh = tools_file(directory, "nginx.conf.new"),
		.conf_dir = str_dup(directory),
		.tls = tools_file(directory, "tls"),
		.run = tools_file(directory, "run"),
		.log = tools_file(directory, "log"),
		.pid = tools_file(directory, "nginx.pid"),
		.fcgi_socket = str_dup(socket),
		.events_socket = events,
		.deliveries = str_dup(deliveries),
		.joblogs = str_dup(joblogs),
	};
	return make_directories(out, err);
}

void
nginx_tell(const struct nginx_place *place, int signal)
{
	pid_t pid = 0;
	int fd = pid_file_open(place->pid, "nginx", place->prefix, &pid);

	if (fd != -1)
		(void)syscall(SYS_pidfd_send_signal, fd, signal, NULL, 0);
	fd_close(&fd);
}

void
nginx_place_free(struct nginx_place *place)
{
	free(place->config);
	free(place->prefix);
	free(place->conf);
	free(place->fresh);
	free(place->conf_dir);
	free(place->tls);
	free(place->run);
	free(place->log);
	free(place->pid);
	free(place->fcgi_socket);
	free(place->events_socket);
	free(place->deliveries);
	free(place->joblogs);
	*place = (struct nginx_place)NGINX_PLACE_INIT;
}
