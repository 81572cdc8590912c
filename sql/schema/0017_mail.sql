-- SPDX-License-Identifier: Apache-2.0
-- Mails on their way out.  Whatever ends a job writes rows into mail, one for each address; jqm-notifier
-- claims them, sends them, and says how that went.
SET LOCAL ROLE jqm_owner;

-- The addresses of a text, parted by commas: each gets a mail of its own, with an outcome of its own.
CREATE FUNCTION jqm.mail_recipients(p_email text) RETURNS SETOF text
LANGUAGE sql IMMUTABLE STRICT ROWS 1 AS $$
	SELECT DISTINCT btrim(a.address) FROM unnest(string_to_array(p_email, ',')) AS a(address)
	 WHERE btrim(a.address) <> '' ORDER BY 1
$$;

-- JQ400 unless it holds addresses, and nothing that could say more to a mail server than whom to write to.
CREATE FUNCTION jqm.check_email(p_email text) RETURNS void
LANGUAGE plpgsql IMMUTABLE SET search_path = jqm, pg_temp AS $$
DECLARE
	v_n       int := 0;
	v_address text;
BEGIN
	IF p_email ~ '[[:cntrl:]]' THEN
		PERFORM refuse('JQ400', 'field "email" has a control character');
	END IF;
	FOR v_address IN SELECT mail_recipients(p_email) LOOP
		IF v_address !~ '^[^@[:space:]<>"(),;:\\]+@[^@[:space:]<>"(),;:\\]+$'
		    OR octet_length(v_address) <> length(v_address) THEN
			PERFORM refuse('JQ400', format('field "email": "%s" is no address such as name@example.org',
			    left(v_address, 100)));
		END IF;
		v_n := v_n + 1;
	END LOOP;
	IF v_n = 0 THEN
		PERFORM refuse('JQ400', 'field "email" holds no address');
	END IF;
END
$$;

-- A hint, whoever writes a mail: notifiers also look every few seconds.  For each row, so that the end of a
-- job without an address pays nothing; equal ones of a transaction are one.
CREATE FUNCTION jqm.mail_hint() RETURNS trigger
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
BEGIN
	PERFORM pg_notify('jqm_mail', '');
	RETURN NULL;
END
$$;
CREATE TRIGGER mail_hint AFTER INSERT ON jqm.mail FOR EACH ROW EXECUTE FUNCTION jqm.mail_hint();

-- Nodes whose notifier has a mail server, and when they last said so.
CREATE TABLE jqm.mail_sender (
	node_name text        PRIMARY KEY,
	seen_at   timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION jqm.mail_time(p timestamptz) RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT to_char(p AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') || ' UTC'
$$;

-- All that a mail tells about its job; no parameter is among it.  try: how often it was claimed.
CREATE VIEW jqm.mail_text AS
SELECT m.id, m.tries AS try, m.recipient, m.occasion,
       jqm.microseconds(m.created_at) AS created_us,
       j.id AS job_id, j.definition_name, j.state, j.exit_code, j.signal, j.reason, j.queue_name, j.node_name,
       j.user_name, j.parent_id, j.session_key, j.attempt, j.failures,
       jqm.mail_time(j.enqueued_at) AS enqueued_at, jqm.mail_time(j.started_at) AS started_at,
       jqm.mail_time(j.ended_at) AS ended_at, d.alert_after_min,
       (SELECT count(*) FROM jqm.deliverable AS f WHERE f.job_instance_id = j.id) AS file_count,
       (SELECT string_agg(regexp_replace(n.original_file_name, '[[:cntrl:]]', '?', 'g'), chr(10) ORDER BY n.id)
          FROM (SELECT f.id, f.original_file_name FROM jqm.deliverable AS f WHERE f.job_instance_id = j.id
                 ORDER BY f.id LIMIT 100) AS n) AS files
  FROM jqm.mail AS m
 CROSS JOIN LATERAL (
	SELECT l.id, l.definition_name, l.state, l.exit_code, l.signal, l.reason, l.queue_name, l.node_name,
	       l.user_name, l.parent_id, l.session_key, l.attempt, l.failures, l.enqueued_at, l.started_at, l.ended_at
	  FROM jqm.live_job AS l WHERE l.id = m.job_instance_id
	UNION ALL
	SELECT p.id, p.definition_name, p.state, p.exit_code, p.signal, p.reason, p.queue_name, p.node_name,
	       p.user_name, p.parent_id, p.session_key, p.attempt, p.failures, p.enqueued_at, p.started_at, p.ended_at
	  FROM jqm.past_job AS p WHERE p.id = m.job_instance_id) AS j
  LEFT JOIN jqm.job_def AS d ON d.id = coalesce(
	(SELECT i.job_def_id FROM jqm.job_instance AS i WHERE i.id = m.job_instance_id),
	(SELECT h.job_def_id FROM jqm.history AS h WHERE h.id = m.job_instance_id));

/*
 * Take up to p_n mails that are due, for p_lease_ms: they are due again when that is over, so a notifier that
 * dies loses none, and nobody else sends the same one meanwhile.  Whoever needs longer must not send.
 * Mails about jobs that were purged are forgotten.
 */
CREATE FUNCTION jqm.mail_claim(p_n int, p_lease_ms int) RETURNS SETOF jqm.mail_text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_ids bigint[];
BEGIN
	WITH taken AS (
		UPDATE mail AS m SET tries = m.tries + 1, next_try_at = now() + p_lease_ms * interval '1 ms'
		 WHERE m.id = ANY (ARRAY (SELECT c.id FROM mail AS c WHERE c.next_try_at <= now()
		       ORDER BY c.next_try_at, c.id LIMIT p_n FOR UPDATE SKIP LOCKED))
		RETURNING m.id)
	SELECT array_agg(t.id) INTO v_ids FROM taken AS t;
	IF v_ids IS NOT NULL THEN
		DELETE FROM mail AS m WHERE m.id = ANY (v_ids) AND NOT EXISTS (
			SELECT FROM job_instance AS j WHERE j.id = m.job_instance_id
			UNION ALL SELECT FROM history AS h WHERE h.id = m.job_instance_id);
		RETURN QUERY SELECT * FROM mail_text AS t WHERE t.id = ANY (v_ids) ORDER BY t.id;
	END IF;
END
$$;

-- It was accepted by the mail server.  May be repeated.
CREATE FUNCTION jqm.mail_sent(p_id bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	DELETE FROM mail WHERE id = p_id
$$;

/*
 * It was not: it is due again after 10 s, doubled with each try up to an hour, less up to half of that.  It is
 * given up, and the job says so, when that would change nothing (p_permanent) or it is 3 days old.
 * p_try as claimed: who has lost a mail to somebody else changes nothing.  True: given up.
 */
CREATE FUNCTION jqm.mail_failed(p_id bigint, p_try int, p_error text, p_permanent boolean) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_mail mail;
BEGIN
	DELETE FROM mail WHERE id = p_id AND tries = p_try
	   AND (p_permanent OR created_at <= now() - interval '3 days') RETURNING * INTO v_mail;
	IF FOUND THEN
		PERFORM mail_say(v_mail.job_instance_id,
		    format('mail to %s could not be sent: %s', v_mail.recipient, p_error));
		RETURN true;
	END IF;
	UPDATE mail SET last_error = left(p_error, 1000),
	    next_try_at = now() + retry_delay('EXPONENTIAL', 10, 3600, tries - 1) * interval '1 s'
	 WHERE id = p_id AND tries = p_try;
	RETURN false;
END
$$;

-- A message on a job, unless it was purged.
CREATE FUNCTION jqm.mail_say(p_job_id bigint, p_text text) RETURNS void
LANGUAGE sql SET search_path = jqm, pg_temp AS $$
	INSERT INTO message (job_instance_id, text_message) SELECT p_job_id, left(p_text, 1000)
	 WHERE EXISTS (SELECT FROM job_instance AS j WHERE j.id = p_job_id
	       UNION ALL SELECT FROM history AS h WHERE h.id = p_job_id)
$$;

-- A notifier says, now and then, whether it has a mail server.
CREATE FUNCTION jqm.mail_announce(p_node_name text, p_can_send boolean) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	DELETE FROM mail_sender WHERE node_name = p_node_name AND NOT p_can_send;
	INSERT INTO mail_sender (node_name) SELECT p_node_name WHERE p_can_send
	ON CONFLICT (node_name) DO UPDATE SET seen_at = now()
$$;

/*
 * For a notifier without a mail server: forget up to p_n mails that are due, and say so on their jobs, so that
 * they do not pile up.  Not as long as another node had a mail server in the last 3 days: it will send them.
 * Returns how many.
 */
CREATE FUNCTION jqm.mail_drop(p_n int) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_jobs bigint[];
BEGIN
	IF EXISTS (SELECT FROM mail_sender WHERE seen_at > now() - interval '3 days') THEN
		RETURN 0;
	END IF;
	WITH dropped AS (
		DELETE FROM mail AS m WHERE m.id = ANY (ARRAY (SELECT c.id FROM mail AS c WHERE c.next_try_at <= now()
		       ORDER BY c.next_try_at, c.id LIMIT p_n FOR UPDATE SKIP LOCKED))
		RETURNING m.job_instance_id)
	SELECT array_agg(d.job_instance_id) INTO v_jobs FROM dropped AS d;
	PERFORM mail_say(j.id, 'no mail was sent: no mail server is configured')
	   FROM (SELECT DISTINCT unnest(v_jobs) AS id) AS j;
	RETURN coalesce(cardinality(v_jobs), 0);
END
$$;

GRANT EXECUTE ON FUNCTION jqm.mail_claim(int, int), jqm.mail_sent(bigint),
    jqm.mail_failed(bigint, int, text, boolean), jqm.mail_announce(text, boolean), jqm.mail_drop(int)
    TO jqm_notifier;
