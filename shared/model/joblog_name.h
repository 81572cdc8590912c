/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model/joblog_name.h: how the files of a job's output are called, below the directory of logs.
 *
 *	12/0000012345.stdout.log	of the first attempt, while there is no other: JQM's name
 *	12/0000012345.3.stdout.log	of attempt 3
 *
 * Once a later attempt has begun, the first one's is 12/0000012345.1.stdout.log, and JQM's name is a
 * link to the newest one's.  An attempt that never began has none.
 */
#ifndef MODEL_JOBLOG_NAME_H
#define MODEL_JOBLOG_NAME_H

#include <stdint.h>

#define JOBLOG_NAME_SIZE 80

/* stream: "stdout" or "stderr"; attempt 0: JQM's name. */
void joblog_name(char out[JOBLOG_NAME_SIZE], int64_t job_id, int32_t attempt, const char *stream);

/* The attempt a link of JQM's name stands for; 0 when target is none of the job's names. */
int32_t joblog_attempt_of_link(const char *target, int64_t job_id, const char *stream);

#endif
