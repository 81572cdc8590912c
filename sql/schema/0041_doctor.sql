-- SPDX-License-Identifier: Apache-2.0
-- What "jqm doctor --report" found on each node: told by the node itself, at its start, every few hours and when somebody asks.
SET LOCAL ROLE jqm_owner;

/*
 * The last report of a node, which the next one replaces as a whole.  No file's content is in it, but it names what is
 * weak: doctor:read is a permission of its own.
 */
CREATE TABLE jqm.doctor_report (
	node_id     bigint      PRIMARY KEY REFERENCES jqm.node (id) ON DELETE CASCADE,
	asked_at    timestamptz, -- somebody wants one that was begun after that; NULL: it is there
	reported_at timestamptz, -- NULL: there never was one
	every_s     int         NOT NULL DEFAULT 0, -- the node reports by itself so often (runner:doctor_s); 0: only when asked
	account     text, -- as which it looked at the installation
	ok          int         NOT NULL DEFAULT 0,
	notes       int         NOT NULL DEFAULT 0,
	fixed       int         NOT NULL DEFAULT 0,
	wrong       int         NOT NULL DEFAULT 0,
	findings    jsonb       NOT NULL DEFAULT '[]' -- {"kind", "check", "what", "why", "repair"} each, the worst first
);

-- How many of a kind the report counted.
CREATE FUNCTION jqm.doctor_count(p_report jsonb, p_kind text) RETURNS int
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN jsonb_typeof(p_report -> p_kind) = 'number'
	            THEN least(greatest((p_report ->> p_kind)::numeric, 0), 1000000)::int ELSE 0 END
$$;

/*
 * Of the findings what somebody should know: at most 200, the worst first, and of each text what a page can show.  The counts
 * tell how many there were.
 */
CREATE FUNCTION jqm.doctor_findings_of(p_report jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
	SELECT coalesce(jsonb_agg(jsonb_build_object('kind', f.kind, 'check', left(f.item ->> 'check', 50), 'what', left(f.item ->> 'what', 300),
	           'why', left(f.item ->> 'why', 600), 'repair', left(f.item ->> 'repair', 300)) ORDER BY f.weight, f.n), '[]')
	  FROM (SELECT i.item, i.n, k.kind, k.weight
	          FROM jsonb_array_elements(CASE WHEN jsonb_typeof(p_report -> 'findings') = 'array' THEN p_report -> 'findings'
	                                         ELSE '[]' END) WITH ORDINALITY AS i(item, n)
	          JOIN (VALUES ('wrong', 1), ('fixed', 2), ('note', 3)) AS k(kind, weight) ON k.kind = i.item ->> 'kind'
	         ORDER BY k.weight, i.n LIMIT 200) AS f
$$;

/*
 * A report of the node of that name, begun so long ago, which will have another one in p_every_s.  Does it answer who asked?  Only if it
 * was begun later: he may have mended something before he asked.  False: there is no such node.
 */
CREATE FUNCTION jqm.doctor_report(p_node text, p_began_ago_ms bigint, p_every_s int, p_report jsonb) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp SET lock_timeout = '10s' AS $$
BEGIN
	INSERT INTO doctor_report AS r (node_id, reported_at, every_s, account, ok, notes, fixed, wrong, findings)
	SELECT n.id, clock_timestamp(), p_every_s, left(p_report ->> 'account', 100), doctor_count(p_report, 'ok'), doctor_count(p_report, 'notes'),
	       doctor_count(p_report, 'fixed'), doctor_count(p_report, 'wrong'), doctor_findings_of(p_report)
	  FROM node AS n WHERE n.name = p_node
	ON CONFLICT (node_id) DO UPDATE SET reported_at = excluded.reported_at, every_s = excluded.every_s, account = excluded.account, ok = excluded.ok,
	    notes = excluded.notes, fixed = excluded.fixed, wrong = excluded.wrong, findings = excluded.findings,
	    asked_at = CASE WHEN r.asked_at > clock_timestamp() - p_began_ago_ms * interval '1 ms' THEN r.asked_at END;
	RETURN FOUND;
END
$$;

-- Somebody wants a new report: the runner is told, and looks again when it has a new connection.  JQ404, JQ409 (nobody would look).
CREATE FUNCTION jqm.doctor_ask(p_node_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp SET lock_timeout = '10s' AS $$
BEGIN
	PERFORM check_served(p_node_id);
	INSERT INTO doctor_report AS r (node_id, asked_at) VALUES (p_node_id, clock_timestamp())
	ON CONFLICT (node_id) DO UPDATE SET asked_at = excluded.asked_at;
	PERFORM audit_note('examine', 'node', p_node_id, (SELECT name FROM node WHERE id = p_node_id), NULL),
	        pg_notify('jqm_doctor', p_node_id::text);
END
$$;

-- Is one wanted of this runner?
CREATE FUNCTION jqm.doctor_asked(p_node_id bigint, p_incarnation bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	SELECT EXISTS (SELECT FROM doctor_report AS r JOIN node AS n ON n.id = r.node_id
	                WHERE n.id = p_node_id AND n.incarnation = p_incarnation AND r.asked_at IS NOT NULL)
$$;

/*
 * Is a report so old that nobody knows how the node is now?  Three rounds have not come, each of which may take an hour (the patience of
 * runner/doctor_round.c) beside its pause; of a node that only looks when asked, a day has passed.
 */
CREATE FUNCTION jqm.doctor_outdated(p_reported_at timestamptz, p_every_s int) RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT coalesce(now() - p_reported_at > CASE WHEN p_every_s > 0 THEN 3 * p_every_s * interval '1 s' + interval '1 h'
	                                             ELSE interval '1 day' END, false)
$$;

-- What is known of each node, by name; or of one (JQ404), with the findings.
CREATE FUNCTION jqm.doctor_reports(p_node_id bigint) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_list jsonb;
BEGIN
	IF p_node_id IS NOT NULL THEN
		PERFORM check_node(p_node_id);
	END IF;
	SELECT coalesce(jsonb_agg(jsonb_build_object('nodeId', n.id, 'node', n.name, 'reported', r.reported_at IS NOT NULL,
	           'outdated', doctor_outdated(r.reported_at, r.every_s), 'reportDate', milliseconds(r.reported_at), 'askedDate', milliseconds(r.asked_at), 'account', r.account,
	           'ok', coalesce(r.ok, 0), 'notes', coalesce(r.notes, 0), 'fixed', coalesce(r.fixed, 0), 'wrong', coalesce(r.wrong, 0))
	           || CASE WHEN p_node_id IS NULL THEN '{}' ELSE jsonb_build_object('findings', coalesce(r.findings, '[]')) END
	           ORDER BY n.name), '[]')
	  INTO v_list FROM node AS n LEFT JOIN doctor_report AS r ON r.node_id = n.id
	 WHERE CASE WHEN p_node_id IS NULL THEN NOT n.template ELSE n.id = p_node_id END;
	RETURN v_list;
END
$$;

GRANT EXECUTE ON FUNCTION jqm.doctor_report, jqm.doctor_asked TO jqm_runner;
GRANT EXECUTE ON FUNCTION jqm.doctor_ask, jqm.doctor_reports TO jqm_api;
