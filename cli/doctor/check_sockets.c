/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets: only the web server's group reaches the web API's, only the account the keeper's. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/path.h"
#include "base/str.h"
#include "cli/doctor/doctor.h"

/* In the way of whom does the mode of the socket, or of its directory, stand? */
static void
check_socket(struct doctor *doctor, const char *key, const char *path, mode_t most)
{
	char *above = path_dir(path);
	struct stat st, directory;
	char *repair = str_printf("chmod %04o '%s'", (unsigned)most, path);

	if (lstat(path, &st) == -1)
		doctor_say(doctor, FINDING_NOTE, path, NULL, "named by %s: %s", key,
			   errno == ENOENT ? "nobody listens now" : strerror(errno));
	else if (!S_ISSOCK(st.st_mode))
		doctor_say(doctor, FINDING_WRONG, path, "take it away", "named by %s: is no socket",
			   key);
	else if (st.st_uid != doctor->account.uid && st.st_uid != 0)
		doctor_say(doctor, FINDING_WRONG, path, "stop who listens there",
			   "belongs to uid %u", (unsigned)st.st_uid);
	else if ((st.st_mode & 0777 & ~most) == 0)
		doctor_say(doctor, FINDING_OK, path, NULL, "is open to whom it shall be");
	else if (stat(above, &directory) == 0 &&
		 (directory.st_mode & ((st.st_mode & 0777 & ~most) >> 1) & 0011) == 0)
		doctor_say(doctor, FINDING_OK, path, NULL, "is in a directory that is closed");
	else
		doctor_say(doctor, FINDING_WRONG, path, repair, "mode %04o is too open",
			   (unsigned)(st.st_mode & 07777));
	free(repair);
	free(above);
}

void
doctor_check_sockets(struct doctor *doctor)
{
	const char *fcgi = doctor_setting(doctor, "fcgi:socket");
	const char *events = doctor_setting(doctor, "events:socket");
	const char *keeper = doctor_setting(doctor, "runner:keeper_socket");
	const char *state = doctor_setting(doctor, "runner:state_dir");
	char *in_state = state == NULL ? NULL : str_printf("%s/keeper.sock", state);

	if (fcgi != NULL)
		check_socket(doctor, "fcgi:socket", fcgi, 0660);
	if (events != NULL)
		check_socket(doctor, "events:socket", events, 0660);
	if (keeper != NULL || in_state != NULL)
		check_socket(doctor, "runner:keeper_socket", keeper != NULL ? keeper : in_state,
			     0600);
	free(in_state);
}
