/* SPDX-License-Identifier: Apache-2.0 */
/* cli/doctor/finding.h: what the checks of jqm doctor found, kept in order, printed at the end. */
#ifndef DOCTOR_FINDING_H
#define DOCTOR_FINDING_H

#include <stddef.h>
#include <stdio.h>

struct buf;

enum finding_kind {
	FINDING_OK, /* looked at, nothing to say */
	FINDING_NOTE, /* worth knowing; nothing has to be done */
	FINDING_FIXED, /* was wrong and is mended */
	FINDING_WRONG /* has to be mended */
};
#define FINDING_KINDS 4

struct finding {
	enum finding_kind kind;
	const char *check; /* name of the group of checks; borrowed */
	char *what; /* the file, role, parameter it is about */
	char *why; /* what is so, in words */
	char *repair; /* what mends it; NULL for ok and fixed */
};

struct findings {
	struct finding *items;
	size_t len, size;
	size_t count[FINDING_KINDS];
};

/* Add one; what and repair (may be NULL) are copied, why is taken over. */
void findings_add(struct findings *findings, enum finding_kind kind, const char *check,
		  const char *what, const char *repair, char *why);
void findings_free(struct findings *findings);

/* A line each, "KIND: CHECK: WHAT: WHY (REPAIR)", then the counts.  Control characters are escaped. */
void findings_print(const struct findings *findings, FILE *out);

/* One JSON object: {"account","findings":[{"kind","check","what","why","repair"}],"ok","notes","fixed","wrong"}. */
void findings_json(const struct findings *findings, const char *account, struct buf *out);
void findings_print_json(const struct findings *findings, const char *account, FILE *out);

#endif
