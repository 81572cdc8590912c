/* SPDX-License-Identifier: Apache-2.0 */
/* store/job_enqueue_private.h: requests as jqm.enqueue_ordinary() takes them. */
#ifndef STORE_JOB_ENQUEUE_PRIVATE_H
#define STORE_JOB_ENQUEUE_PRIVATE_H

#include <stdbool.h>

struct buf;
struct job_request;

/* False: it has what there is no member for; the rest is looked at there. */
bool job_request_is_ordinary(const struct job_request *r);

/* {"held": false, "name": ...}; what is empty is left out. */
void job_request_put(struct buf *out, const struct job_request *r);

#endif
