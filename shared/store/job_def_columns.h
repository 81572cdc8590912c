/* SPDX-License-Identifier: Apache-2.0 */
/* store/job_def_columns.h: members of struct job_def by their columns of jqm.job_def. */
#ifndef STORE_JOB_DEF_COLUMNS_H
#define STORE_JOB_DEF_COLUMNS_H

#include <stddef.h>

struct job_def_column {
	const char *column;
	size_t offset;
};
extern const struct job_def_column job_def_text_columns[]; /* const char * */
extern const size_t job_def_text_columns_len;
extern const struct job_def_column job_def_number_columns[]; /* struct opt_int64 */
extern const size_t job_def_number_columns_len;

#endif
