/* SPDX-License-Identifier: Apache-2.0 */
/* model/metric.h: figures for monitoring, as jqm.metrics() gives them. */
#ifndef MODEL_METRIC_H
#define MODEL_METRIC_H

#include <stddef.h>

#include "base/histogram.h"

struct metric {
	const char *name;
	const char *node, *queue, *word; /* what it is about; NULL: it is about none */
	const char *value; /* a number, in digits; of a histogram the sum, in its unit */
	const struct histogram *histogram; /* NULL: it is none; its own sum is not used */
};

struct metric_list {
	struct metric *items;
	size_t len;
};

#endif
