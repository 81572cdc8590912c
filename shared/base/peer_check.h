/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/peer_check.h: who is at the other end of a unix socket.
 *
 * The keeper gives each job a mark, a hard RLIMIT_LOCKS of its own, which all it starts inherits and nobody without
 * privileges can raise again (keeper/README.md).  So a process of our account with a lower limit than ours is a job's, and
 * that of a program of ours is not.
 */
#ifndef BASE_PEER_CHECK_H
#define BASE_PEER_CHECK_H

enum peer {
	PEER_OURS, /* of our account, and no job as far as marks tell */
	PEER_JOB, /* of our account, and a job's */
	PEER_UNKNOWN, /* of our account; it is gone, or in a namespace of processes we cannot see */
	PEER_OTHER /* of another account */
};

/* Who connected fd.  A process that is gone since is PEER_UNKNOWN: its number may become anybody's. */
enum peer peer_check(int fd);

/* For a log: "a job". */
const char *peer_name(enum peer peer);

#endif
