/* SPDX-License-Identifier: Apache-2.0 */
/* handlers/job_def_transfer.h: job definitions as whole files. */
#ifndef FCGI_HANDLERS_JOB_DEF_TRANSFER_H
#define FCGI_HANDLERS_JOB_DEF_TRANSFER_H

struct err;
struct exchange;

/* POST /ws/admin/jd/xml: import a descriptor, all of it or nothing; 200 and struct job_def_import. */
int job_def_import(struct exchange *x, struct err *err);

/* GET /ws/admin/jd/{id}/xml and /ws/admin/jd/all/xml: a descriptor of one, or of all (404: there is none). */
int job_def_export(struct exchange *x, struct err *err);
int job_def_export_all(struct exchange *x, struct err *err);

#endif
