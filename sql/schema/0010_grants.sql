-- SPDX-License-Identifier: Apache-2.0
-- Least rights: runner and client may only call functions; the API reads views and edits configuration.
SET LOCAL ROLE jqm_owner;

-- Functions that take part in plain expressions and reveal nothing.
GRANT EXECUTE ON FUNCTION jqm.parameters_ok(jsonb), jqm.queue_lock_class(), jqm.parameters_hex(jsonb), jqm.has_needs(jsonb),
    jqm.parameter_is_on(text, boolean)
    TO jqm_api, jqm_runner, jqm_client;
GRANT EXECUTE ON FUNCTION jqm.past_job_of(bigint), jqm.past_jobs_of(bigint[]) TO jqm_api;

GRANT EXECUTE ON FUNCTION
    jqm.enqueue,
    jqm.cancel(bigint, text), jqm.kill(bigint, text), jqm.add_message(bigint, text)
    TO jqm_api, jqm_client;

GRANT EXECUTE ON FUNCTION jqm.node_register(text, uuid, int, text, text, text, text, int, text),
    jqm.node_heartbeat(bigint, bigint, int, bigint[]), jqm.node_leave(bigint, bigint),
    jqm.rescue(bigint, bigint), jqm.node_drained(bigint, bigint),
    jqm.node_mappings(bigint), jqm.queues_with_work(bigint), jqm.runner_wait(bigint, bigint, bigint[]), jqm.runner_wake(bigint, bigint),
    jqm.give_back(bigint, bigint, jsonb),
    jqm.take_back(bigint, bigint, jsonb), jqm.node_orders(bigint, bigint),
    jqm.promote_due(), jqm.history_extend(int), jqm.node_look(text)
    TO jqm_runner;
GRANT SELECT ON jqm.schema_version TO jqm_runner;

GRANT EXECUTE ON FUNCTION jqm.rights_are_others TO jqm_api;
GRANT SELECT ON jqm.live_row, jqm.live_job, jqm.past_job, jqm.deliverable, jqm.message, jqm.node, jqm.queue,
    jqm.queue_mapping, jqm.job_def, jqm.execution_context, jqm.global_parameter, jqm.name_snapshot,
    jqm.definition_snapshot, jqm.role, jqm.account, jqm.account_role, jqm.schema_version, jqm.job_restart,
    jqm.job_attempt, jqm.job_waited_for, jqm.concurrency_limit, jqm.schedule TO jqm_api;
GRANT INSERT, UPDATE, DELETE ON jqm.queue, jqm.queue_mapping, jqm.job_def, jqm.execution_context,
    jqm.global_parameter, jqm.role, jqm.account, jqm.account_role, jqm.concurrency_limit TO jqm_api;
GRANT UPDATE (dns, port, enabled, stop, load_api_admin, load_api_client, load_api_simple, root_log_level,
    repo_job_def, repo_deliverable, repo_tmp) ON jqm.node TO jqm_api;
GRANT EXECUTE ON FUNCTION jqm.in_subtree(bigint, bigint), jqm.job_of_token(bigint, text) TO jqm_api;

-- A dump by this role holds the work, not the accounts and not the keys.
GRANT SELECT ON ALL TABLES IN SCHEMA jqm TO jqm_backup;
GRANT SELECT ON ALL SEQUENCES IN SCHEMA jqm TO jqm_backup;
REVOKE ALL ON jqm.account, jqm.account_role, jqm.cluster_secret FROM jqm_backup;
ALTER DEFAULT PRIVILEGES IN SCHEMA jqm GRANT SELECT ON TABLES TO jqm_backup;
ALTER DEFAULT PRIVILEGES IN SCHEMA jqm GRANT SELECT ON SEQUENCES TO jqm_backup;
