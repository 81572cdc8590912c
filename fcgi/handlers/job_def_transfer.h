/* SPDX-License-Identifier: Apache-2.0 */
/* handlers/job_def_transfer.h: job definitions as whole files. */
#ifndef FCGI_HANDLERS_JOB_DEF_TRANSFER_H
#define FCGI_HANDLERS_JOB_DEF_TRANSFER_H

struct err;
struct exchange;

/* POST /ws/admin/jd/xml: import a descriptor, all of it or nothing; 200 and struct job_def_import. */
int job_def_import(struct exchange *x, struct err *err);

#endif
