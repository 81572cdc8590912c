/* SPDX-License-Identifier: Apache-2.0 */
/* codec/docs.h: the wire tables there are; each in the <model>_doc.c beside. */
#ifndef CODEC_DOCS_H
#define CODEC_DOCS_H

#include "codec/wire_object.h"

extern const struct wire_object job_request_doc; /* struct job_request */
extern const struct wire_object job_instance_doc; /* struct job_instance */
extern const struct wire_object job_query_doc; /* struct job_query */
extern const struct wire_object deliverable_doc; /* struct deliverable */
extern const struct wire_object job_def_view_doc; /* struct job_def_view */
extern const struct wire_object schedule_doc; /* struct schedule */
extern const struct wire_object node_doc; /* struct node */
extern const struct wire_object queue_doc; /* struct queue */
extern const struct wire_object transfer_report_doc; /* struct transfer_report */
extern const struct wire_object configuration_doc; /* struct configuration */
extern const struct wire_object error_report_doc; /* struct error_report, without problems */
extern const struct wire_object import_error_report_doc; /* struct error_report */
extern const struct wire_object permissions_bag_doc; /* struct permissions_bag */
extern const struct wire_object file_link_doc; /* struct file_link */
extern const struct wire_object purge_doc; /* struct purge */
extern const struct wire_object version_doc; /* struct version */

/* model/audit.h, model/audit_seal.h */
extern const struct wire_object audit_entry_doc;
extern const struct wire_object audit_page_doc;
extern const struct wire_object audit_state_doc;
extern const struct wire_object audit_seal_doc; /* struct audit_seal_line */
extern const struct wire_object audit_floor_doc;

/* model/certificate.h */
extern const struct wire_object certificate_doc;
extern const struct wire_object certificate_order_doc;
extern const struct wire_object certificate_issued_doc;
extern const struct wire_object certificate_mapping_doc;

/* model/webhook.h */
extern const struct wire_object webhook_doc;
extern const struct wire_object webhook_delivery_doc;

/* model/node_findings.h */
extern const struct wire_object node_findings_doc;
extern const struct wire_object node_findings_count_doc;

/* model/session.h */
extern const struct wire_object session_doc;
extern const struct wire_object login_doc;
extern const struct wire_object password_change_doc;
extern const struct wire_object second_factor_doc;
extern const struct wire_object second_factor_secret_doc;
extern const struct wire_object recovery_codes_doc;

/* model/admin.h */
extern const struct wire_object admin_queue_doc;
extern const struct wire_object admin_mapping_doc;
extern const struct wire_object admin_resource_doc;
extern const struct wire_object admin_parameter_doc;
extern const struct wire_object admin_schedule_doc;
extern const struct wire_object admin_definition_doc;
extern const struct wire_object admin_context_doc;
extern const struct wire_object admin_user_doc;
extern const struct wire_object admin_role_doc;
extern const struct wire_object admin_limit_doc;
extern const struct wire_object usage_stats_doc;
extern const struct wire_object history_slot_doc;
extern const struct wire_object queue_load_doc;

#endif
