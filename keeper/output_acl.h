/* SPDX-License-Identifier: Apache-2.0 */
/* keeper/output_acl.h: another account may open an output of its own job anew, as "echo x >/dev/stderr" does. */
#ifndef KEEPER_OUTPUT_ACL_H
#define KEEPER_OUTPUT_ACL_H

#include <sys/types.h>

/*
 * Let uid write to the file fd, of mode 0640, besides whom it belongs to; its directory is closed to it, so only by the
 * descriptor it inherits.  Where there are no access control lists nothing happens: it writes, and cannot open anew.
 */
void output_acl_add(int fd, uid_t uid);

#endif
