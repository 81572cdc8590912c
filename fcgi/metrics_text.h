/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/metrics_text.h: figures as Prometheus reads them (text format 0.0.4): of each family its help, its type and
 * then all of its samples.
 */
#ifndef FCGI_METRICS_TEXT_H
#define FCGI_METRICS_TEXT_H

struct buf;
struct web_figures;
struct metric_list;

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* Of the cluster, and of this web API.  A figure of a name that is not known here is left out. */
void metrics_text_write(const struct metric_list *metrics, const struct web_figures *figures,
			struct buf *out);

#endif
