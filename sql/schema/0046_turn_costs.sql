-- SPDX-License-Identifier: Apache-2.0
-- A turn does the same with less: tests/bench/README.md says what it costs.
SET LOCAL ROLE jqm_owner;

-- ---- what each change of a job's row costs ----

/*
 * An entry less for each enqueue and each claim: what asks for the jobs of a definition are its deletion, which may read all
 * live jobs, and warn_late().
 */
DROP INDEX jqm.job_instance_job_def;
CREATE INDEX job_instance_not_late ON jqm.job_instance (job_def_id) WHERE state = 'RUNNING' AND NOT late;

/*
 * Whose hands a job is in is written by claims alone, which lock the node's row once for all jobs they take (claim_in_turn());
 * a foreign key did so for each of them.  Whoever deletes the node waits for that lock, then looks again.
 */
ALTER TABLE jqm.job_instance DROP CONSTRAINT job_instance_node_id_fkey;
CREATE TRIGGER node_deleted AFTER DELETE ON jqm.node FOR EACH ROW EXECUTE FUNCTION jqm.node_deletion();

-- As before; jobs that are new or were just taken are nearly all, and are through with the first look.
CREATE OR REPLACE FUNCTION jqm.job_makes_sense(j jqm.job_instance) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	-- An expression is made ready as a whole, however little of it is looked at, and this is short.
	IF num_nulls(j.node_id, j.incarnation, j.attributed_at, j.started_at, j.concurrency_key)
	   = (CASE j.state WHEN 'SUBMITTED' THEN 5 WHEN 'ATTRIBUTED' THEN 2 END) AND j.started_at IS NULL
	   AND j.concurrency_key IS NULL AND j.instruction = 'RUN' AND j.consumption = 1 AND j.items_wanted = 0
	   AND least(j.priority, j.effective_priority, j.waits_for) >= 0 AND greatest(j.priority, j.effective_priority) <= 10 THEN
		RETURN true;
	END IF;
	RETURN CASE j.state
	    WHEN 'SUBMITTED' THEN j.node_id IS NULL
	    WHEN 'HOLDED' THEN j.node_id IS NULL
	    WHEN 'SCHEDULED' THEN j.node_id IS NULL AND (j.run_after IS NOT NULL OR j.waits_for > 0)
	    WHEN 'ATTRIBUTED' THEN j.node_id IS NOT NULL AND j.started_at IS NULL
	    WHEN 'RUNNING' THEN j.node_id IS NOT NULL AND j.started_at IS NOT NULL
	    ELSE false END
	    AND (j.node_id IS NULL) = (j.incarnation IS NULL) AND (j.node_id IS NULL) = (j.attributed_at IS NULL)
	    AND (j.node_id IS NOT NULL OR j.started_at IS NULL)
	    AND j.instruction IN ('RUN', 'KILL', 'PAUSE') AND j.priority BETWEEN 0 AND 10
	    AND j.effective_priority BETWEEN 0 AND 10 AND j.waits_for >= 0 AND j.consumption > 0 AND j.items_wanted >= 0
	    AND (j.needs_care OR (j.consumption = 1 AND j.items_wanted = 0 AND j.concurrency_key IS NULL));
END
$$;

/*
 * Conditions of triggers are read from their text by each statement, a tenth of a microsecond for each word of it; so they
 * let through what the functions then look at.  A name compared with a text needs no conversion; what programs other than
 * the runner change (orders to jobs) is little.
 */
CREATE OR REPLACE FUNCTION jqm.audit_direct() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_stack text;
BEGIN
	IF session_user IN ('jqm_api', 'jqm_runner', 'jqm_client', 'jqm_notifier') THEN
		RETURN NULL;
	END IF;
	GET DIAGNOSTICS v_stack = PG_CONTEXT;
	-- The first line is this function.
	IF v_stack ~ E'\n(PL/pgSQL|SQL) function (?!inline_code_block)' THEN
		RETURN NULL; -- one of our functions does it, and tells what it does
	END IF;
	INSERT INTO audit (action, kind, object_id, name, changes) VALUES (lower(TG_OP), 'job', OLD.id, TG_TABLE_NAME,
	    CASE WHEN TG_OP = 'UPDATE' THEN (SELECT audit_fit(jsonb_agg(audit_change(o.key, NULL) ORDER BY o.key))
	      FROM jsonb_each(to_jsonb(OLD)) AS o WHERE to_jsonb(NEW) -> o.key IS DISTINCT FROM o.value) END);
	RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER audit_direct AFTER UPDATE OR DELETE ON jqm.job_instance FOR EACH ROW
    WHEN (session_user <> 'jqm_runner') EXECUTE FUNCTION jqm.audit_direct();
