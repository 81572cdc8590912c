/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codec/job_def_xml.h: JQM's job definition descriptor (root jqm, then jar and context).
 *
 * Any order of elements is accepted.  Refused, with line and reason: an unknown element, attribute or
 * namespace, one that stands twice, a missing mandatory one, a text over its size, a boolean that is not
 * true, false, 1 or 0, a number out of its range, a definition, context or parameter described twice,
 * a file without definitions.
 * Read and dropped: filePath, maxTimeRunning, other1 to other3, event (always JI_STARTING).
 * Elements of ours, all optional: enabled, priority, limits, retry, onNodeLoss, nodeLossesMax,
 * concurrencyKey, runAs, external and javaOptions; docs/descriptor.md describes them.
 */
#ifndef CODEC_JOB_DEF_XML_H
#define CODEC_JOB_DEF_XML_H

#include <stddef.h>

struct buf;
struct err;
struct job_def_set;
struct memory;
struct problem_list;

/*
 * Read a document of len bytes into *out, all in memory.  0: every definition passes job_def_check(),
 * every context execution_context_check().  -1: ERR_INVALID or ERR_TOO_LARGE, text "line N: ...".
 */
int job_def_xml_read(const char *data, size_t len, struct memory *memory, struct job_def_set *out,
		     struct err *err);

/*
 * The same for who would know everything that is wrong: problems (given empty) gets a text for each thing, with line
 * and element; none when the document as a whole is what is wrong.
 */
int job_def_xml_read_all(const char *data, size_t len, struct memory *memory,
			 struct job_def_set *out, struct problem_list *problems, struct err *err);

/*
 * Append set as a document that reads back the same, indented by two blanks a level: definitions of one path
 * that follow each other share a jar.  An optional element whose value is the default is left out, so that JQM
 * reads what it could have written itself.
 */
void job_def_xml_write(const struct job_def_set *set, struct buf *out);

#endif
