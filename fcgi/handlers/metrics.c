/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/handlers/metrics.c: figures for Prometheus. */
#include "base/err.h"
#include "fcgi/exchange.h"
#include "fcgi/guards.h"
#include "fcgi/handlers/handlers.h"
#include "fcgi/metrics_text.h"
#include "model/metric.h"
#include "store/metric_store.h"

int
metrics_read(struct exchange *x, struct err *err)
{
	struct metric_list metrics;

	if (metric_store_read(x->db, exchange_memory(x), &metrics, err) == -1)
		return -1;
	exchange_answer_bytes(x, 200, METRICS_TYPE, "", 0);
	metrics_text_write(&metrics, &x->guards->figures, &x->response.body);
	return 0;
}
