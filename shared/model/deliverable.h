/* SPDX-License-Identifier: Apache-2.0 */
/* model/deliverable.h: a file a job left. */
#ifndef MODEL_DELIVERABLE_H
#define MODEL_DELIVERABLE_H

#include <stddef.h>
#include <stdint.h>

struct memory;

struct deliverable {
	const char *file_path; /* in its node's store; a name of ours */
	const char *file_family; /* a tag its job chose; may be anything */
	int64_t id;
	const char *original_name; /* as its job named it; may be anything */
	/* Ours. */
	int64_t size_bytes;
	const char *sha256; /* 64 lower-case hexadecimal digits */
	const char *random_id; /* the GUID by which /ws/simple/file finds it */
	/* Not sent. */
	int64_t job_id;
	const char *node_name; /* where the file is */
};

struct deliverable_list {
	struct deliverable *items;
	size_t len;
};

/* The name offered to who fetches it: family, id and the extension of the original name ("null" and
 * nothing when there is none), as JQM names it. */
const char *deliverable_download_name(const struct deliverable *file, struct memory *memory);

#endif
