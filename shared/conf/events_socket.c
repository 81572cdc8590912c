/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/events_socket.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/path.h"
#include "base/str.h"
#include "conf/settings.h"

char *
events_socket_path(const struct settings *settings)
{
	const char *own = settings_text(settings, "events:socket");
	const char *beside = settings_text(settings, "fcgi:socket");
	char *directory, *path;

	if (own != NULL || beside == NULL)
		return str_dup(own != NULL ? own : "");
	directory = path_dir(beside);
	path = str_printf("%s/events.sock", directory);
	free(directory);
	return path;
}
