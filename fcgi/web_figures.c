/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/web_figures.h"

void
web_figures_count_request(struct web_figures *figures, int status, int64_t took_ms)
{
	if (status >= FIGURES_STATUS_FIRST && status < FIGURES_STATUS_FIRST + FIGURES_STATUSES)
		(void)__atomic_fetch_add(&figures->requests[status - FIGURES_STATUS_FIRST], 1,
					 __ATOMIC_RELAXED);
	histogram_add(&figures->took, histogram_programs, took_ms * 1000);
}

void
web_figures_count_death(struct web_figures *figures)
{
	(void)__atomic_fetch_add(&figures->deaths, 1, __ATOMIC_RELAXED);
}
