/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/handlers/handlers.h: what the route table calls, one function per intention.  Each fills
 * x->response and returns 0, or returns -1 with err and leaves the answer to error_response.
 * Handlers know no FastCGI and not each other.
 */
#ifndef FCGI_HANDLERS_HANDLERS_H
#define FCGI_HANDLERS_HANDLERS_H

struct err;
struct exchange;

/* audit.c */
int audit_list(struct exchange *x, struct err *err);
int audit_state(struct exchange *x, struct err *err);
int audit_export(struct exchange *x, struct err *err);
int audit_chain(struct exchange *x, struct err *err);

/* events.c */
int events_listen(struct exchange *x, struct err *err);
/* webhook.c */
int webhook_delivery_list(struct exchange *x, struct err *err);
int webhook_delivery_read(struct exchange *x, struct err *err);
int webhook_delivery_again(struct exchange *x, struct err *err);
int webhook_ping(struct exchange *x, struct err *err);

/* job_submit.c */
int job_submit_form(struct exchange *x, struct err *err);
int job_submit(struct exchange *x, struct err *err);
int job_submit_all(struct exchange *x, struct err *err);
int job_request_sample(struct exchange *x, struct err *err);

/* job_read.c */
int job_status_text(struct exchange *x, struct err *err);
int job_read_one(struct exchange *x, struct err *err);
int job_list_all(struct exchange *x, struct err *err);
int job_list_active(struct exchange *x, struct err *err);
int job_list_messages(struct exchange *x, struct err *err);
int job_list_files(struct exchange *x, struct err *err);

/* job_bulk.c */
int job_kill_all(struct exchange *x, struct err *err);
int job_hold_all(struct exchange *x, struct err *err);
int job_resume_all(struct exchange *x, struct err *err);
int job_enqueue_all_again(struct exchange *x, struct err *err);
int job_set_queue_of_all(struct exchange *x, struct err *err);

/* job_search.c */
int job_query_blank(struct exchange *x, struct err *err);
int job_query_run(struct exchange *x, struct err *err);
int job_query_ids(struct exchange *x, struct err *err);
int job_list_of_user(struct exchange *x, struct err *err);

/* job_log.c */
int job_stdout_by_query(struct exchange *x, struct err *err);
int job_stderr_by_query(struct exchange *x, struct err *err);
int job_log_for_node(struct exchange *x, struct err *err);
int job_stdout(struct exchange *x, struct err *err);
int job_stderr(struct exchange *x, struct err *err);

/* job_file.c */
int file_by_random_id(struct exchange *x, struct err *err);
int file_by_id(struct exchange *x, struct err *err);
int file_by_document(struct exchange *x, struct err *err);
int file_by_link(struct exchange *x, struct err *err);
int file_for_node(struct exchange *x, struct err *err);

/* file_link.c */
int file_link_give(struct exchange *x, struct err *err);
int file_link_take_back(struct exchange *x, struct err *err);

/* input_file.c */
int input_file_give(struct exchange *x, struct err *err);
int input_file_list(struct exchange *x, struct err *err);
int input_file_fetch(struct exchange *x, struct err *err);

/* job_control.c */
int job_kill(struct exchange *x, struct err *err);
int job_cancel(struct exchange *x, struct err *err);
int job_hold(struct exchange *x, struct err *err);
int job_resume(struct exchange *x, struct err *err);
int job_pause_running(struct exchange *x, struct err *err);
int job_resume_running(struct exchange *x, struct err *err);
int job_delete(struct exchange *x, struct err *err);

/* job_change.c */
int job_set_queue(struct exchange *x, struct err *err);
int job_set_priority(struct exchange *x, struct err *err);
int job_set_position(struct exchange *x, struct err *err);
int job_set_run_after(struct exchange *x, struct err *err);
int job_enqueue_again(struct exchange *x, struct err *err);
int job_restart(struct exchange *x, struct err *err);

/* job_report.c */
int job_report_progress(struct exchange *x, struct err *err);
int job_report_message(struct exchange *x, struct err *err);

/* job_def_read.c */
int job_def_list(struct exchange *x, struct err *err);
int job_def_list_of_application(struct exchange *x, struct err *err);
int job_def_read_one(struct exchange *x, struct err *err);

/* schedule.c */
int schedule_list(struct exchange *x, struct err *err);
int schedule_read_one(struct exchange *x, struct err *err);
int schedule_next(struct exchange *x, struct err *err);
int cron_preview(struct exchange *x, struct err *err);
int schedule_cron(struct exchange *x, struct err *err);
int schedule_queue(struct exchange *x, struct err *err);
int schedule_priority(struct exchange *x, struct err *err);
int schedule_pause(struct exchange *x, struct err *err);
int schedule_resume(struct exchange *x, struct err *err);
int schedule_remove(struct exchange *x, struct err *err);

/* queue_read.c */
int queue_list(struct exchange *x, struct err *err);

/* queue_control.c */
int queue_pause(struct exchange *x, struct err *err);
int queue_resume(struct exchange *x, struct err *err);
int queue_clear(struct exchange *x, struct err *err);
int queue_status(struct exchange *x, struct err *err);
int queue_capacity(struct exchange *x, struct err *err);

/* node_control.c */
int node_pause(struct exchange *x, struct err *err);
int node_resume(struct exchange *x, struct err *err);
int node_stop(struct exchange *x, struct err *err);
int node_drain(struct exchange *x, struct err *err);
int node_copy(struct exchange *x, struct err *err);

/* node_findings.c */
int stats_findings(struct exchange *x, struct err *err);
int node_findings_read(struct exchange *x, struct err *err);
int node_findings_ask(struct exchange *x, struct err *err);

/* node_read.c */
int node_health(struct exchange *x, struct err *err);
int node_log_tail(struct exchange *x, struct err *err);
int node_log_of(struct exchange *x, struct err *err);
int node_log_for_node(struct exchange *x, struct err *err);

/* history_purge.c */
int history_purge(struct exchange *x, struct err *err);

/* session.c */
int session_login(struct exchange *x, struct err *err);
int session_logout(struct exchange *x, struct err *err);
int session_list_own(struct exchange *x, struct err *err);
int session_end_own(struct exchange *x, struct err *err);
int session_end_all_own(struct exchange *x, struct err *err);
int session_list_of(struct exchange *x, struct err *err);
int session_end_all_of(struct exchange *x, struct err *err);

/* login_page.c */
int login_page_show(struct exchange *x, struct err *err);
int login_page_submit(struct exchange *x, struct err *err);
int login_page_logout(struct exchange *x, struct err *err);

/* account.c */
int account_change_password(struct exchange *x, struct err *err);
int account_second_factor(struct exchange *x, struct err *err);
int account_second_factor_enrol(struct exchange *x, struct err *err);
int account_second_factor_confirm(struct exchange *x, struct err *err);
int account_second_factor_disable(struct exchange *x, struct err *err);
int account_second_factor_drop_of(struct exchange *x, struct err *err);

/* me.c */
int me_read(struct exchange *x, struct err *err);
int version_read(struct exchange *x, struct err *err);

/* admin.c: whatever kind of configuration object the route's path names */
int admin_list(struct exchange *x, struct err *err);
int admin_list_parameters(struct exchange *x, struct err *err);
int admin_read(struct exchange *x, struct err *err);
int admin_put(struct exchange *x, struct err *err);
int admin_put_item(struct exchange *x, struct err *err);
int admin_sync(struct exchange *x, struct err *err);
int admin_sync_nodes(struct exchange *x, struct err *err);
int admin_delete(struct exchange *x, struct err *err);

/* certificate.c */
int certificate_archive(struct exchange *x, struct err *err);
int certificate_issue(struct exchange *x, struct err *err);
int certificate_list(struct exchange *x, struct err *err);
int certificate_read(struct exchange *x, struct err *err);
int certificate_revoke_one(struct exchange *x, struct err *err);
int pki_roots(struct exchange *x, struct err *err);
int pki_lists(struct exchange *x, struct err *err);
int pki_list_of_root(struct exchange *x, struct err *err);

/* openapi_read.c */
int openapi_read(struct exchange *x, struct err *err);

/* metrics.c */
int metrics_read(struct exchange *x, struct err *err);

/* stats.c */
int stats_usage(struct exchange *x, struct err *err);
int stats_history(struct exchange *x, struct err *err);
int stats_queues(struct exchange *x, struct err *err);

#endif
