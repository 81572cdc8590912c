/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/audit_brake.h: what keeps strangers from filling the audit trail, in memory the workers share.
 *
 * Refusals (failed logins, missing permissions) are written while there are tokens: AUDIT_BRAKE_BURST at once, one more
 * each AUDIT_BRAKE_REFILL_MS; what was left out is counted and told with the next one.  The same reading again (a
 * log that is followed, a file in pieces) is written once in AUDIT_BRAKE_AGAIN_MS.
 */
#ifndef FCGI_AUDIT_BRAKE_H
#define FCGI_AUDIT_BRAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "fcgi/shared_lock.h"

#define AUDIT_BRAKE_BURST 100
#define AUDIT_BRAKE_REFILL_MS 6000
#define AUDIT_BRAKE_AGAIN_MS 600000
#define AUDIT_BRAKE_SEEN 4096

struct audit_brake {
	struct shared_lock lock;
	int64_t spent_ms; /* monotonic; as many refills as it lies ahead, so many tokens are gone */
	int64_t left_out;
	struct {
		uint64_t what;
		int64_t until_ms;
	} seen[AUDIT_BRAKE_SEEN];
};

/* Once, in shared zeroed memory, before the first fork. */
void audit_brake_init(struct audit_brake *brake);

/* May a refusal be written?  Then *left_out is how many were not since the last one that was. */
bool audit_brake_take(struct audit_brake *brake, int64_t *left_out);

/* Was that text not told within the last time?  It is then. */
bool audit_brake_is_new(struct audit_brake *brake, const char *what);

#endif
