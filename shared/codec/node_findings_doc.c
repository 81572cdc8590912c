/* SPDX-License-Identifier: Apache-2.0 */
/* codec/node_findings_doc.c: what "jqm doctor" found on nodes, on the wire. */
#include "codec/docs.h"
#include "model/node_findings.h"

#define DOC(object, s, rows, text) const struct wire_object object = WIRE_OBJECT(s, rows, text)
#define TEXT(m, n, d) WIRE_ROW_TEXT(S, m, n, OPTIONAL, 0, d)

#define S struct node_finding
static const struct wire_field finding_fields[] = {
	TEXT(kind, "kind",
	     "wrong: has to be mended; fixed: was wrong and is mended; note: worth knowing"),
	TEXT(check, "check", "the group of checks: files, certificates, ..."),
	TEXT(what, "what", "the file, role, certificate it is about"),
	TEXT(why, "why", "what is so, in words"),
	TEXT(repair, "repair", "what mends it"),
};
static const struct wire_object finding_doc =
    WIRE_OBJECT(node_finding, finding_fields, "one thing that was found");
#undef S

#define COUNTS                                                                                   \
	WIRE_ROW_INT64(S, node_id, "nodeId", "number of the node"),                              \
	    TEXT(node, "node", "its name"),                                                      \
	    WIRE_ROW_BOOL(S, reported, "reported",                                               \
			  "has it ever reported; if not, the figures say nothing"),              \
	    WIRE_ROW_BOOL(S, outdated, "outdated",                                               \
			  "it should have reported again long ago: nobody knows how it is now"), \
	    WIRE_ROW_DATE(S, report_date, "reportDate", "when it reported last"),                \
	    WIRE_ROW_DATE(S, asked_date, "askedDate",                                            \
			  "since when a new report is wanted; none: it is there"),               \
	    WIRE_ROW_INT64(S, ok, "ok", "how many things were in order"),                        \
	    WIRE_ROW_INT64(S, notes, "notes", "how many are worth knowing"),                     \
	    WIRE_ROW_INT64(S, fixed, "fixed", "how many were mended by that run"),               \
	    WIRE_ROW_INT64(S, wrong, "wrong", "how many have to be mended")

#define S struct node_findings
static const struct wire_field findings_fields[] = {
	COUNTS,
	TEXT(account, "account", "as which account the programs of this node run"),
	WIRE_ROW_OBJECT_LIST(S, findings, "findings", "finding", struct node_finding_list,
			     &finding_doc, "what is not in order, the worst first; 200 at most"),
};
#undef S
DOC(node_findings_doc, node_findings, findings_fields, "what jqm doctor found on a node");

#define S struct node_findings_count
static const struct wire_field count_fields[] = { COUNTS };
#undef S
DOC(node_findings_count_doc, node_findings_count, count_fields,
    "how much jqm doctor found on a node");
