/* SPDX-License-Identifier: Apache-2.0 */
/* base/process_hide.h: keep our own process from what else runs as our account, such as jobs. */
#ifndef BASE_PROCESS_HIDE_H
#define BASE_PROCESS_HIDE_H

/*
 * From now on, and for what we fork until it executes something, nobody but root traces us, reads or writes our memory
 * or opens our descriptors, our maps and our environment in /proc; and we leave no core.  With a sanitizer, which traces
 * us itself, nothing happens.  Signals of our own account still reach us.
 */
void process_hide(void);

#endif
