/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/spare_outputs.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "keeper/job_table.h"

#define N_SPARES 2
#define QUIET_MS 1 /* nobody who starts jobs one after the other waits for spares to be made */
#define BUSY_MS 2 /* from start to start: then only after */
#define BUSY_QUIET_MS 20

void
spare_outputs_free(struct spare_outputs *spares)
{
	for (int i = 0; i < N_SPARES; i++)
		fd_close(&spares->fd[i]);
}

bool
spare_outputs_place(struct spare_outputs *spares, const char *path)
{
	char itself[64];
	bool placed;
	int fd = -1;

	for (int i = 0; i < N_SPARES && fd == -1; i++) {
		fd = spares->fd[i];
		spares->fd[i] = -1;
	}
	if (fd == -1)
		return false;
	/* linkat(AT_EMPTY_PATH) would ask for a privilege; open(2) names this way. */
	(void)snprintf(itself, sizeof(itself), "/proc/self/fd/%d", fd);
	placed = linkat(AT_FDCWD, itself, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0;
	fd_close(&fd);
	return placed;
}

void
spare_outputs_note(struct spare_outputs *spares, const char *path, int64_t now_ms)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash == NULL ? 0 : (size_t)(slash - path);

	if (len == 0 || len >= sizeof(spares->directory))
		return;
	if (strncmp(spares->directory, path, len) != 0 || spares->directory[len] != '\0') {
		memcpy(spares->directory, path, len);
		spares->directory[len] = '\0';
	}
	spares->due_ms = now_ms + 1 /* a clock of whole milliseconds */ +
			 (now_ms - spares->noted_ms < BUSY_MS ? BUSY_QUIET_MS : QUIET_MS);
	spares->noted_ms = now_ms;
}

void
spare_outputs_fill(struct spare_outputs *spares, int64_t now_ms)
{
	if (now_ms < spares->due_ms)
		return;
	spares->due_ms = NEVER_MS;
	for (int i = 0; i < N_SPARES; i++)
		if (spares->fd[i] == -1)
			spares->fd[i] = open(spares->directory,
					     O_TMPFILE | O_WRONLY | O_APPEND | O_CLOEXEC, 0640);
}
