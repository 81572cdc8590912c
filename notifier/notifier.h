/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notifier/notifier.h: claim a mail, send it, say how that went; again and again.  One thread: while a mail is
 * sent nothing else happens here, and nobody waits for it.
 */
#ifndef NOTIFIER_NOTIFIER_H
#define NOTIFIER_NOTIFIER_H

#include <stdint.h>

struct err;
struct smtp_config;

struct notifier_config {
	const char *conninfo; /* with user=jqm_notifier unless the administrator names another */
	const char *node_name;
	struct smtp_config *smtp; /* its stop and stop_arg are set here; NULL: no mail server */
};

/* Until TERM or INT.  0; -1 with err when it could not begin. */
int notifier_run(const struct notifier_config *config, struct err *err);

#endif
