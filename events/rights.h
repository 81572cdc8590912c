/* SPDX-License-Identifier: Apache-2.0 */
/* events/rights.h: may those who listen go on?  Asked for all of them every two seconds. */
#ifndef EVENTS_RIGHTS_H
#define EVENTS_RIGHTS_H

#include <stdbool.h>
#include <stdint.h>

struct db_async;
struct listener;

struct rights {
	struct db_async *db;
	void (*lost)(void *arg, uint64_t check,
		     const char *verdicts); /* '0' at the place of who may not */
	void *arg;
	bool asking;
	int64_t due_ms;
	uint64_t check; /* the number of the last one */
};

/* Whoever is in the list from first on and hears or waits. */
void rights_ask(struct rights *rights, struct listener *first, int64_t now_ms);

#endif
