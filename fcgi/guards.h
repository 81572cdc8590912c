/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/guards.h: what the workers know together, in memory mapped before the first fork. */
#ifndef FCGI_GUARDS_H
#define FCGI_GUARDS_H

#include "fcgi/audit_brake.h"
#include "fcgi/auth_cache.h"
#include "fcgi/web_figures.h"
#include "fcgi/hash_gate.h"
#include "fcgi/rate_limit.h"
#include "fcgi/together.h"

struct err;
struct settings;

struct guards {
	struct auth_cache cache;
	struct rate_limit limit;
	struct hash_gate gate;
	struct audit_brake brake;
	struct web_figures figures;
	struct together enqueues; /* handlers/job_submit.c */
};

/* Made from fcgi:auth_cache_s and fcgi:scrypt_parallel; lives as long as the program.  NULL + err. */
struct guards *guards_new(const struct settings *settings, struct err *err);

#endif
