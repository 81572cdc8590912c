/* SPDX-License-Identifier: Apache-2.0 */
/* runner/state_dir.h: what makes this installation itself: its identity, and that only one runs. */
#ifndef RUNNER_STATE_DIR_H
#define RUNNER_STATE_DIR_H

struct err;

#define INSTANCE_ID_SIZE 37

/*
 * Lock STATE_DIR/lock until *fd_out is closed.  0; -1 ERR_CONFLICT: another runner holds it.
 */
int state_dir_lock(const char *state_dir, int *fd_out, struct err *err);

/* Could there be such a lock, whoever holds it?  Makes none.  0, also when there is none yet; else -1. */
int state_dir_check_lock(const char *state_dir, struct err *err);

/*
 * Who may take the node over from itself at once: a UUID made of that in STATE_DIR/instance-id (made at
 * first use), of the machine's present boot and of the file itself.  So a copy of the directory, which
 * has a lock of its own, is another installation, here or on a cloned machine.  0 or -1.
 */
int state_dir_instance(const char *state_dir, char out[INSTANCE_ID_SIZE], struct err *err);

/* The same without making one: -1 ERR_NOT_FOUND when there is none. */
int state_dir_known_instance(const char *state_dir, char out[INSTANCE_ID_SIZE], struct err *err);

#endif
