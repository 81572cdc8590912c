/* SPDX-License-Identifier: Apache-2.0 */
/* keeper/take_back.h: a directory that was another account's becomes ours, with what must be ours in it. */
#ifndef KEEPER_TAKE_BACK_H
#define KEEPER_TAKE_BACK_H

/*
 * The directory name in dir_fd, as handover.h says: nothing to do when it is ours or not there.  Blocks, for as long as
 * that takes.  0, or -1 with errno, and some of it is not ours yet.
 */
int take_back(int dir_fd, const char *name);

#endif
