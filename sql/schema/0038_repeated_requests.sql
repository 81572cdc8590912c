-- SPDX-License-Identifier: Apache-2.0
-- Requests that may be sent again (header Idempotency-Key): what the first one was answered.
SET LOCAL ROLE jqm_owner;

/*
 * A row is written in the transaction of what its request does, so it is there exactly when that was done.  Two keys
 * of the same letters by two callers are two keys.  Statuses and bytes are as they were sent; body NULL: the answer
 * is not kept, it holds a secret or is very long.
 */
CREATE TABLE jqm.request_key (
	owner        text        NOT NULL,
	key          text        NOT NULL,
	request      bytea       NOT NULL, -- whether it is the same one: request_print()
	status       int,
	content_type text,
	headers      text, -- "Name: value", a line each
	body         bytea,
	expires_at   timestamptz NOT NULL,
	PRIMARY KEY (owner, key)
);
CREATE INDEX request_key_expires ON jqm.request_key (expires_at);

-- A request may hold a password: with our key its digest is of no use to who reads this table, or a dump of it.
CREATE FUNCTION jqm.request_print(p_digest bytea) RETURNS bytea
LANGUAGE sql STABLE SET search_path = jqm, pg_temp AS $$
	SELECT sha256(s.value || sha256(s.value || convert_to('request key ', 'UTF8') || p_digest))
	  FROM cluster_secret AS s WHERE s.name = 'job_token'
$$;

/*
 * The caller's transaction is about to do this request.  verdict 'new': the key is its own now, go on, and say
 * request_done(); 'same': it was done before, and answered so; 'other': the key was used for another request; 'busy':
 * another session is still about it (it was waited for, 3 s).
 */
CREATE FUNCTION jqm.request_begin(p_owner text, p_key text, p_digest bytea)
RETURNS TABLE (verdict text, status int, content_type text, headers text, body bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
	v_print bytea := request_print(p_digest);
	v_row   request_key;
BEGIN
	LOOP
		DELETE FROM request_key AS k WHERE k.owner = p_owner AND k.key = p_key AND k.expires_at <= now();
		INSERT INTO request_key AS k (owner, key, request, expires_at)
		VALUES (p_owner, p_key, v_print, now() + idempotency_life()) ON CONFLICT DO NOTHING;
		IF FOUND THEN
			RETURN QUERY SELECT 'new', NULL::int, NULL::text, NULL::text, NULL::bytea;
			RETURN;
		END IF;
		SELECT * INTO v_row FROM request_key AS k WHERE k.owner = p_owner AND k.key = p_key;
		EXIT WHEN FOUND; -- else it was over, and somebody has removed it since: look once more
	END LOOP;
	RETURN QUERY SELECT CASE WHEN v_row.request = v_print THEN 'same' ELSE 'other' END, v_row.status,
	    v_row.content_type, v_row.headers, v_row.body;
EXCEPTION WHEN lock_not_available THEN
	RETURN QUERY SELECT 'busy', NULL::int, NULL::text, NULL::text, NULL::bytea;
END
$$;

CREATE FUNCTION jqm.request_done(p_owner text, p_key text, p_status int, p_content_type text, p_headers text, p_body bytea)
RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	UPDATE request_key SET status = p_status, content_type = p_content_type, headers = p_headers, body = p_body
	 WHERE owner = p_owner AND key = p_key
$$;

-- Keys of either kind whose life is over go, some at a time.
CREATE FUNCTION jqm.forget_old_keys() RETURNS void
LANGUAGE sql SET search_path = jqm, pg_temp AS $$
	WITH old AS MATERIALIZED (
		SELECT owner, key FROM request_key WHERE expires_at <= now()
		 ORDER BY expires_at LIMIT 1000 FOR UPDATE SKIP LOCKED
	)
	DELETE FROM request_key AS k USING old WHERE k.owner = old.owner AND k.key = old.key;
	WITH old AS MATERIALIZED (
		SELECT owner, key FROM idempotency_key WHERE expires_at <= now()
		 ORDER BY expires_at LIMIT 1000 FOR UPDATE SKIP LOCKED
	)
	DELETE FROM idempotency_key AS k USING old WHERE k.owner = old.owner AND k.key = old.key;
$$;

GRANT EXECUTE ON FUNCTION jqm.request_begin, jqm.request_done TO jqm_api;
