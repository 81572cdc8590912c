/* SPDX-License-Identifier: Apache-2.0 */
/* runner/orders.h: kill and pause orders for running jobs, read from the database on NOTIFY and
 * each second. */
#ifndef RUNNER_ORDERS_H
#define RUNNER_ORDERS_H

#include <stdbool.h>

struct runner;

struct orders {
	bool asking; /* the question is on its way */
	bool again; /* it came too early: ask once more */
};

/* Read the orders and carry them out. */
void orders_ask(struct runner *runner);

#endif
