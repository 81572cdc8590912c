/* SPDX-License-Identifier: Apache-2.0 */
/*
 * handlers/transfer.h: configuration as whole files (docs/xml.md).
 *
 * An import answers 200 and struct transfer_report; with ?dryRun=true nothing is changed.  All of it or nothing: 400
 * with all problems, 403 unless the caller may create what would be created and update what would be updated.
 */
#ifndef FCGI_HANDLERS_TRANSFER_H
#define FCGI_HANDLERS_TRANSFER_H

struct err;
struct exchange;

/* POST /ws/admin/{jd,q,jndi,configuration}/xml */
int job_def_import(struct exchange *x, struct err *err);
int queue_import(struct exchange *x, struct err *err);
int resource_import(struct exchange *x, struct err *err);
int configuration_import(struct exchange *x, struct err *err);

/* GET /ws/admin/{jd,q,jndi}/{id}/xml and .../all/xml: a file of one, or of all (404: there is none). */
int job_def_export(struct exchange *x, struct err *err);
int job_def_export_all(struct exchange *x, struct err *err);
int queue_export(struct exchange *x, struct err *err);
int queue_export_all(struct exchange *x, struct err *err);
int resource_export(struct exchange *x, struct err *err);
int resource_export_all(struct exchange *x, struct err *err);

/* GET /ws/admin/configuration/xml: all but definitions; needs the permission to read each kind. */
int configuration_export(struct exchange *x, struct err *err);

#endif
