/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/web_figures.h: what the workers of this node count together, since their master was started. */
#ifndef FCGI_WEB_FIGURES_H
#define FCGI_WEB_FIGURES_H

#include <stdint.h>

#include "base/histogram.h"

#define FIGURES_STATUS_FIRST 100
#define FIGURES_STATUSES 500

/* In memory that all of them share; each number is added to in one step. */
struct web_figures {
	uint64_t requests[FIGURES_STATUSES]; /* by status, from FIGURES_STATUS_FIRST on */
	struct histogram took; /* a request: histogram_programs, in whole milliseconds */
	struct histogram trips; /* an answer of the database: histogram_programs */
	uint64_t deaths; /* of workers that nobody told to end */
	uint64_t workers; /* that there are to be */
};

/* One more, in one step: any process may, at any moment. */
void web_figures_count_request(struct web_figures *figures, int status, int64_t took_ms);
void web_figures_count_death(struct web_figures *figures);

#endif
