-- SPDX-License-Identifier: Apache-2.0
-- The seals of the audit trail, how old rows go, how it is checked, and who may do what with it (0032 has the rows).
SET LOCAL ROLE jqm_owner;

-- The seal that waits to be signed, or the next one, of p_max rows at most; no row: there is nothing to seal, or
-- another session is at it.
CREATE FUNCTION jqm.audit_seal_next(p_max int) RETURNS SETOF jqm.audit_seal
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp SET jit = off SET enable_seqscan = off AS $$
DECLARE
	v_last audit_seal;
	v      audit_seal;
	-- What is below it has ended, one way or the other.
	v_end  bigint := pg_snapshot_xmin(pg_current_snapshot())::text::bigint + audit_shift();
BEGIN
	IF NOT pg_try_advisory_xact_lock(hashtext('jqm.audit')) THEN
		RETURN;
	END IF;
	SELECT * INTO v_last FROM audit_seal ORDER BY no DESC LIMIT 1;
	IF FOUND AND v_last.mac IS NULL THEN
		RETURN NEXT v_last;
		RETURN;
	END IF;
	v.no := coalesce(v_last.no, 0) + 1;
	v.previous := coalesce(v_last.mac, '');
	v.next_tx := pg_snapshot_xmax(pg_current_snapshot())::text::bigint + audit_shift();
	SELECT count(*), max(tx), (array_agg(id ORDER BY tx DESC, id DESC))[1], range_agg(int8range(id, id + 1)),
	       encode(sha256(string_agg(hash, '' ORDER BY id)), 'hex'), string_agg(substr(hash, 1, 4), '' ORDER BY id)
	  INTO v.rows, v.to_tx, v.to_id, v.ids, v.digest, v.marks
	  FROM (SELECT a.tx, a.id, sha256(convert_to(audit_line(a), 'UTF8')) AS hash FROM audit AS a
	         WHERE (a.tx, a.id) > (coalesce(v_last.to_tx, 0), coalesce(v_last.to_id, 0)) AND a.tx < v_end
	         ORDER BY a.tx, a.id LIMIT p_max) AS s;
	IF v.rows = 0 THEN
		RETURN;
	END IF;
	INSERT INTO audit_seal (no, to_tx, to_id, rows, digest, previous, next_tx, ids, marks)
	VALUES (v.no, v.to_tx, v.to_id, v.rows, v.digest, v.previous, v.next_tx, v.ids, v.marks) RETURNING * INTO v;
	RETURN NEXT v;
END
$$;

-- Its signature; nothing happens to a seal that has one.  Is it this one?  Two nodes may have been given the same seal to sign.
CREATE FUNCTION jqm.audit_seal_sign(p_no bigint, p_key_id text, p_mac text) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	UPDATE audit_seal SET key_id = p_key_id, mac = p_mac WHERE no = p_no AND mac IS NULL;
	SELECT EXISTS (SELECT FROM audit_seal WHERE no = p_no AND mac = p_mac)
$$;

-- What a node that remembers a seal asks: is it still there, and up to which one have rows been purged?
CREATE FUNCTION jqm.audit_anchor(p_no bigint, OUT mac text, OUT floor_no bigint, OUT floor_seal_mac text,
	OUT floor_purged_us bigint, OUT floor_mac text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	SELECT (SELECT s.mac FROM audit_seal AS s WHERE s.no = p_no), f.no, f.seal_mac, microseconds(f.purged_at), f.mac
	  FROM (SELECT) AS one LEFT JOIN audit_floor AS f ON true
$$;

-- ---- old rows go ----

/*
 * The seal up to which rows could go: the last one of the oldest week, when all of it was sealed over p_keep_s seconds
 * ago.  No row: none.  Whoever has the key signs that they go (audit_purge()), after a look at the seal's own date.
 */
CREATE FUNCTION jqm.audit_purgeable(p_keep_s bigint) RETURNS SETOF jqm.audit_seal
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_week regclass := (SELECT min(c.relname) FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
	    WHERE i.inhparent = 'jqm.audit'::regclass AND c.relname ~ '^audit_[0-9]{8}$')::text;
	v_tx   bigint;
	v_id   bigint;
BEGIN
	IF v_week IS NULL THEN
		RETURN;
	END IF;
	EXECUTE format('SELECT tx, id FROM %s ORDER BY tx DESC, id DESC LIMIT 1', v_week) INTO v_tx, v_id;
	IF v_tx IS NULL THEN -- a week without rows keeps nothing, and covers no seal that another does not
		v_tx := 0;
		v_id := 0;
	END IF;
	RETURN QUERY SELECT s.* FROM audit_seal AS s
	  WHERE (s.to_tx, s.to_id) >= (v_tx, v_id) AND s.mac IS NOT NULL AND s.sealed_at < now() - p_keep_s * interval '1 s'
	    AND to_date(right(v_week::text, 8), 'YYYYMMDD') + 7 <= (now() - p_keep_s * interval '1 s')::date
	    AND s.no > coalesce((SELECT f.no FROM audit_floor AS f), 0)
	  ORDER BY s.no LIMIT 1;
END
$$;

/*
 * All rows up to that seal go: whole weeks at once, the rest one by one; the seals before it too.  How many rows.
 * p_mac: of the floor (shared/model/audit_seal.h).
 */
CREATE FUNCTION jqm.audit_purge(p_no bigint, p_purged_us bigint, p_key_id text, p_mac text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp SET lock_timeout = '200ms' AS $$
DECLARE
	v_seal  audit_seal;
	v_part  text;
	v_whole boolean;
	v_gone  text[] := '{}';
	v_rows  bigint := (SELECT sum(rows) FROM audit_seal WHERE no <= p_no AND no > coalesce((SELECT no FROM audit_floor), 0));
BEGIN
	PERFORM pg_advisory_xact_lock(hashtext('jqm.audit'));
	SELECT * INTO v_seal FROM audit_seal WHERE no = p_no AND mac IS NOT NULL;
	IF NOT FOUND OR p_no <= coalesce((SELECT no FROM audit_floor), 0) THEN
		RETURN 0;
	ELSIF v_seal.sealed_at > now() - interval '7 days' THEN
		-- Whoever got hold of a runner's role has no key, and shall not even be able to take away what is new.
		PERFORM refuse('JQ409', format('seal %s of the audit trail is younger than 7 days', p_no));
	END IF;
	PERFORM set_config('jqm.audit_purge', 'on', true);
	FOR v_part IN SELECT c.relname FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
	    WHERE i.inhparent = 'jqm.audit'::regclass ORDER BY c.relname LOOP
		v_whole := false;
		IF v_part ~ '^audit_[0-9]{8}$' AND to_date(right(v_part, 8), 'YYYYMMDD') + 7 <= v_seal.sealed_at::date THEN
			EXECUTE format('SELECT NOT EXISTS (SELECT FROM jqm.%I WHERE (tx, id) > ($1, $2))', v_part) INTO v_whole
			  USING v_seal.to_tx, v_seal.to_id;
		END IF;
		IF v_whole THEN
			v_gone := v_gone || v_part;
		ELSE
			EXECUTE format('DELETE FROM jqm.%I WHERE (tx, id) <= ($1, $2)', v_part) USING v_seal.to_tx, v_seal.to_id;
		END IF;
	END LOOP;
	PERFORM set_config('jqm.audit_purge', '', true);
	DELETE FROM audit_seal WHERE no < p_no;
	INSERT INTO audit_floor AS f (no, seal_mac, rows, purged_at, key_id, mac)
	VALUES (p_no, v_seal.mac, v_rows, moment(p_purged_us), p_key_id, p_mac)
	ON CONFLICT (only_one) DO UPDATE SET no = excluded.no, seal_mac = excluded.seal_mac, rows = f.rows + excluded.rows,
	    purged_at = excluded.purged_at, key_id = excluded.key_id, mac = excluded.mac;
	INSERT INTO audit (action, kind, changes) VALUES ('purge', 'audit', jsonb_build_array(
	    audit_change('rows', v_rows::text), audit_change('seal', p_no::text)));
	-- Last: from here on to the commit nobody else adds a row.
	FOREACH v_part IN ARRAY v_gone LOOP
		EXECUTE format('ALTER TABLE jqm.audit DETACH PARTITION jqm.%I', v_part);
		EXECUTE format('DROP TABLE jqm.%I', v_part);
	END LOOP;
	RETURN v_rows;
END
$$;

-- A database out of a dump (after_restore()): numbers of transactions go on beyond those the trail has.
CREATE FUNCTION jqm.audit_restored() RETURNS void
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v_top bigint := greatest((SELECT max(tx) FROM audit), (SELECT max(next_tx) FROM audit_seal), 0);
BEGIN
	IF audit_tx() <= v_top THEN
		EXECUTE format('CREATE OR REPLACE FUNCTION jqm.audit_shift() RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
		    ''SELECT %s::bigint''', v_top + 1 - (audit_tx() - audit_shift()));
	END IF;
	INSERT INTO audit (action, kind) VALUES ('restore', 'database');
END
$$;

-- ---- who may do what ----

-- The state of the trail for consoles: how far it is sealed, how much is not, since when, what is not watched.
CREATE FUNCTION jqm.audit_state(OUT seals bigint, OUT sealed_at timestamptz, OUT purged bigint, OUT first_seal bigint,
	OUT unsealed bigint, OUT unsealed_since timestamptz, OUT blind text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp SET jit = off SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
	v_last audit_seal;
BEGIN
	SELECT * INTO v_last FROM audit_seal AS s WHERE s.mac IS NOT NULL ORDER BY s.no DESC LIMIT 1;
	seals := coalesce(v_last.no, 0);
	sealed_at := v_last.sealed_at;
	purged := coalesce((SELECT f.rows FROM audit_floor AS f), 0);
	first_seal := coalesce((SELECT min(s.no) FROM audit_seal AS s), 0);
	SELECT count(*), min(a.at) INTO unsealed, unsealed_since FROM (SELECT at FROM audit
	    WHERE (tx, id) > (coalesce(v_last.to_tx, 0), coalesce(v_last.to_id, 0)) ORDER BY tx, id LIMIT 100000) AS a;
	blind := audit_blind();
END
$$;

/*
 * The trail as whoever has the key can check it (jqm audit verify), in pieces: the lines that the seal behind p_after
 * covers, and the seal as a line; behind the last seal (next NULL) the lines that are not sealed, p_max at most, and one
 * that says that this is the end.  The first piece begins with the floor, if rows have been purged.
 */
CREATE FUNCTION jqm.audit_chain(p_after bigint, p_max int, OUT piece text, OUT next bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp SET jit = off SET enable_seqscan = off AS $$
DECLARE
	v_last  audit_seal;
	v_seal  audit_seal;
	v_lines text[];
	v_end   text;
BEGIN
	SELECT * INTO v_last FROM audit_seal WHERE no <= p_after ORDER BY no DESC LIMIT 1;
	SELECT * INTO v_seal FROM audit_seal WHERE no > p_after AND mac IS NOT NULL ORDER BY no LIMIT 1;
	next := v_seal.no;
	IF next IS NOT NULL THEN
		v_lines := ARRAY (SELECT audit_line(a) FROM audit AS a
		    WHERE (a.tx, a.id) > (coalesce(v_last.to_tx, 0), coalesce(v_last.to_id, 0))
		      AND (a.tx, a.id) <= (v_seal.to_tx, v_seal.to_id) ORDER BY a.id);
		v_end := json_build_object('seal', v_seal.no, 'toTx', v_seal.to_tx, 'toId', v_seal.to_id, 'rows', v_seal.rows,
		    'digest', v_seal.digest, 'sealedAt', microseconds(v_seal.sealed_at), 'previous', v_seal.previous,
		    'key', v_seal.key_id, 'mac', v_seal.mac, 'ids', v_seal.ids::text, 'marks', encode(v_seal.marks, 'hex'));
	ELSE
		v_lines := ARRAY (SELECT audit_line(a) FROM audit AS a
		    WHERE (a.tx, a.id) > (coalesce(v_last.to_tx, 0), coalesce(v_last.to_id, 0)) ORDER BY a.tx, a.id LIMIT p_max);
		v_end := json_build_object('end', coalesce(v_last.no, 0), 'unsealed', cardinality(v_lines));
	END IF;
	piece := coalesce((SELECT json_build_object('floor', f.no, 'sealMac', f.seal_mac, 'purgedAt', microseconds(f.purged_at),
	    'key', f.key_id, 'mac', f.mac, 'rows', f.rows)::text || chr(10) FROM audit_floor AS f WHERE p_after = 0), '')
	    || array_to_string(v_lines || v_end, chr(10)) || chr(10);
END
$$;

-- Nobody but the owner has any right on these tables; what programs may is here.
REVOKE ALL ON jqm.audit, jqm.audit_rest, jqm.audit_seal, jqm.audit_floor, jqm.audit_secret
    FROM jqm_api, jqm_runner, jqm_notifier, jqm_events, jqm_client;
GRANT EXECUTE ON FUNCTION jqm.audit_note, jqm.audit_login_failed, jqm.audit_page, jqm.audit_state, jqm.audit_chain TO jqm_api;
GRANT EXECUTE ON FUNCTION jqm.audit_seal_next, jqm.audit_seal_sign, jqm.audit_anchor, jqm.audit_purgeable, jqm.audit_purge,
    jqm.audit_extend TO jqm_runner;
