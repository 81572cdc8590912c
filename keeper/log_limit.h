/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keeper/log_limit.h: how much of a job's outputs is kept.
 *
 * An output that grows over log_max_bytes loses its middle: it is punched out of the file, again and
 * again while the file grows (base/joblog_cut.h says what is kept).  The slot says what is missing.
 */
#ifndef KEEPER_LOG_LIMIT_H
#define KEEPER_LOG_LIMIT_H

#include <stdint.h>

struct keeper;

/* The job has just started: takes over the two descriptors if it has a limit.  Sets what is due. */
void log_limit_begin(struct keeper *keeper, int32_t at, int *out_fd, int *err_fd);

/*
 * Look at a live job's outputs if it is time to, also while it is being ended.  Where the file
 * system cannot punch, the job is ended with cause LOG_LIMIT.  Sets what is due.
 */
void log_limit_look(struct keeper *keeper, int32_t at, int64_t now_ms);

/* The last look, when nothing writes any more. */
void log_limit_end(struct keeper *keeper, int32_t at);

#endif
