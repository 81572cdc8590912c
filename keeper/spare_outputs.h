/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keeper/spare_outputs.h: two files without a name, made while nothing else was to do, for the outputs of the next
 * job.  Making a file takes a disk 10 us, and half a millisecond where many were removed in the last minutes (ext4
 * looks at each inode whether that was too recent); giving one its name takes 20.  So where one job follows the other
 * within a millisecond it is left alone: there it is the sum that counts.
 */
#ifndef KEEPER_SPARE_OUTPUTS_H
#define KEEPER_SPARE_OUTPUTS_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

struct spare_outputs {
	int fd[2]; /* -1: none */
	char directory[PATH_MAX]; /* of the last output */
	int64_t noted_ms; /* of the last output */
	int64_t due_ms; /* when to make what is missing: a moment after the last start; NEVER_MS */
};

void spare_outputs_free(struct spare_outputs *spares);

/*
 * Give one of them that path: true, and it is an empty file of mode 0640 less our umask.  To be opened by its path like
 * any other: the descriptor it was made with would be told as deleted wherever names of open files are shown.
 * False when there is none, or the path exists or lies on another file system: make one.
 */
bool spare_outputs_place(struct spare_outputs *spares, const char *path);

/* An output was opened at path: the next ones are likely to be beside it. */
void spare_outputs_note(struct spare_outputs *spares, const char *path, int64_t now_ms);

/* Make what is missing once that is due; where the file system cannot, nothing is missed. */
void spare_outputs_fill(struct spare_outputs *spares, int64_t now_ms);

#endif
