/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/job_row_kept.h: rows of jobs as they were read last, for who asks again and again what has become of a job.  They
 * are never believed: whoever finds one asks whether the table has still that version of the row.
 */
#ifndef STORE_JOB_ROW_KEPT_H
#define STORE_JOB_ROW_KEPT_H

#include <stddef.h>
#include <stdint.h>

struct db_result;
struct db_stmt;

/*
 * What this statement gave for this id over the connection of that number (db_serial()), borrowed until the next
 * job_row_keep(); NULL: it is not kept.
 */
const struct db_result *job_row_kept(unsigned serial, const struct db_stmt *stmt, int64_t id);

/*
 * Takes rows that came over that connection, of about that size: they are kept, some hundred at most and no large ones, or
 * freed.
 */
void job_row_keep(unsigned serial, const struct db_stmt *stmt, int64_t id, struct db_result *rows,
		  size_t size);

#endif
