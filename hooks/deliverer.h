/* SPDX-License-Identifier: Apache-2.0 */
/* hooks/deliverer.h: the loop: claim, sign, post, say how it went. */
#ifndef HOOKS_DELIVERER_H
#define HOOKS_DELIVERER_H

#include <stdint.h>

#include "hooks/post.h"

struct err;
struct settings;

struct deliverer_config {
	const char *conninfo, *node_name;
	const struct settings *settings; /* where the keys are */
	struct post_config post;
	int64_t keep_days; /* of deliveries that are over */
};

/* Until TERM or INT, then 0; what is on its way has FLIGHT_END_MS to end.  -1: it could not begin. */
int deliverer_run(const struct deliverer_config *config, struct err *err);

#endif
