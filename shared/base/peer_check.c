/* SPDX-License-Identifier: Apache-2.0 */
#include "base/peer_check.h"

#include <stddef.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum peer
peer_check(int fd)
{
	struct rlimit theirs, ours;
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == -1 || peer.uid != geteuid())
		return PEER_OTHER;
	if (peer.pid <= 0 || prlimit(peer.pid, RLIMIT_LOCKS, NULL, &theirs) == -1)
		return PEER_UNKNOWN;
	if (theirs.rlim_max == RLIM_INFINITY) /* nobody has more */
		return PEER_OURS;
	if (getrlimit(RLIMIT_LOCKS, &ours) == -1)
		return PEER_UNKNOWN;
	return theirs.rlim_max < ours.rlim_max ? PEER_JOB : PEER_OURS;
}

const char *
peer_name(enum peer peer)
{
	static const char *const names[] = { "a program of this account", "a job",
					     "a process that cannot be seen", "another account" };

	return names[peer];
}
