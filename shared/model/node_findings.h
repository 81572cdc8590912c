/* SPDX-License-Identifier: Apache-2.0 */
/* model/node_findings.h: what "jqm doctor" found on a node, as it reported it last (sql/schema/0041). */
#ifndef MODEL_NODE_FINDINGS_H
#define MODEL_NODE_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/value.h"

struct node_finding {
	const char *kind; /* wrong, fixed or note */
	const char *check; /* the group of checks */
	const char *what, *why;
	const char *repair; /* NULL: none is needed, or none is known */
};
struct node_finding_list {
	struct node_finding *items;
	size_t len;
};

struct node_findings {
	int64_t node_id;
	const char *node;
	bool reported; /* else there was no report yet, and the rest says nothing */
	bool outdated; /* the report is so old that it says nothing about now */
	struct opt_time report_date;
	struct opt_time asked_date; /* a new one is wanted since; not set: it is there */
	const char *account; /* as which it looked */
	int64_t ok, notes, fixed, wrong; /* how many of each there were */
	struct node_finding_list findings; /* the worst first; long reports are cut */
};

/* The same without what was found. */
struct node_findings_count {
	int64_t node_id;
	const char *node;
	bool reported, outdated;
	struct opt_time report_date, asked_date;
	int64_t ok, notes, fixed, wrong;
};

#endif
