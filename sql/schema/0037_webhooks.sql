-- SPDX-License-Identifier: Apache-2.0
-- Webhooks: whoever ends a job writes a row into webhook_delivery for each hook that wants to know, in the same
-- transaction (finish(), archive_rows()); jqm-hooks claims these, posts them, and says how that went (docs/webhooks.md).
SET LOCAL ROLE jqm_owner;

/*
 * A hook: where ends of which jobs are posted to.  A filter that is NULL is none.  Secrets are sealed as 0034 seals,
 * for the hook's name; the old one signs too until old_secret_until, so that receivers can be told the new one.
 */
CREATE TABLE jqm.webhook (
	id               bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name             text    NOT NULL UNIQUE,
	description      text,
	url              text    NOT NULL,
	enabled          boolean NOT NULL DEFAULT true,
	states           text[]  NOT NULL DEFAULT '{ENDED,CRASHED,KILLED,CANCELLED}',
	job_def_id       bigint  REFERENCES jqm.job_def (id),
	queue_id         bigint  REFERENCES jqm.queue (id),
	account_id       bigint, -- no foreign key: a backup of the work has no accounts
	new_secret       text, -- how another one is given: the trigger makes it the secret; never stored
	secret           text    NOT NULL,
	old_secret       text,
	old_secret_until timestamptz,
	problem          text, -- why we disabled it
	failing_since    timestamptz, -- since when nothing could be delivered; NULL: the last one was
	slow             boolean NOT NULL DEFAULT false, -- the last answer took its time, or never came
	given_up         bigint  NOT NULL DEFAULT 0 -- deliveries that were, ever
);
CREATE INDEX webhook_job_def ON jqm.webhook (job_def_id);
CREATE INDEX webhook_queue ON jqm.webhook (queue_id);
CREATE INDEX webhook_account ON jqm.webhook (account_id);

/*
 * One thing to be told to one hook, kept as a log when that is done.  The body is made when it is first claimed, and
 * stays: each try sends the same bytes.  While a sender has it, lease_until is when somebody else may take it.
 */
CREATE TABLE jqm.webhook_delivery (
	id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	webhook_id      bigint      NOT NULL, -- no foreign key: the end of a job must not wait for who deletes a hook, or fail
	event_id        uuid        NOT NULL DEFAULT gen_random_uuid(),
	event           text        NOT NULL, -- job.ended, job.crashed, job.killed, job.cancelled, ping
	job_instance_id bigint, -- NULL: a ping
	body            text,
	state           text        NOT NULL DEFAULT 'PENDING' CHECK (state IN ('PENDING', 'DELIVERED', 'GIVEN_UP')),
	tries           int         NOT NULL DEFAULT 0,
	tries_before    int         NOT NULL DEFAULT 0, -- when it was ordered again
	created_at      timestamptz NOT NULL DEFAULT now(),
	wanted_since    timestamptz NOT NULL DEFAULT now(), -- when it was created or ordered again
	next_try_at     timestamptz DEFAULT now(),
	lease_until     timestamptz,
	over_at         timestamptz,
	CONSTRAINT webhook_delivery_due CHECK ((state = 'PENDING') = (next_try_at IS NOT NULL)
	    AND (state = 'PENDING') = (over_at IS NULL))
);
CREATE INDEX webhook_delivery_due ON jqm.webhook_delivery (webhook_id, next_try_at) WHERE next_try_at IS NOT NULL;
CREATE INDEX webhook_delivery_hook ON jqm.webhook_delivery (webhook_id, id);
CREATE INDEX webhook_delivery_job ON jqm.webhook_delivery (job_instance_id);
CREATE INDEX webhook_delivery_over ON jqm.webhook_delivery (over_at) WHERE over_at IS NOT NULL;

-- What became of each try.  status: of the answer; NULL: there was none.
CREATE TABLE jqm.webhook_attempt (
	delivery_id bigint      NOT NULL REFERENCES jqm.webhook_delivery (id) ON DELETE CASCADE,
	try         int         NOT NULL,
	at          timestamptz NOT NULL DEFAULT now(), -- when that was known
	node_name   text,
	took_ms     int,
	status      int,
	reason      text, -- NULL: it was delivered, and there is nothing more to say
	answer      text, -- the beginning of it
	PRIMARY KEY (delivery_id, try)
);

-- A hint, as of mails: for each row, so that the end of a job no hook wants to know of pays nothing.
CREATE FUNCTION jqm.webhook_hint() RETURNS trigger
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
BEGIN
	PERFORM pg_notify('jqm_webhook', '');
	RETURN NULL;
END
$$;
CREATE TRIGGER webhook_hint AFTER INSERT ON jqm.webhook_delivery FOR EACH ROW EXECUTE FUNCTION jqm.webhook_hint();

-- Is the account of that number behind a job?  A function, so that webhook_wants() can be put into the statements that ask.
CREATE FUNCTION jqm.webhook_account_is(p_account bigint, p_submitter int) RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT EXISTS (SELECT FROM jqm.name_snapshot AS s WHERE s.id = p_submitter AND s.name LIKE p_account || ':%')
$$;

-- Does the hook want to know of the end of such a job?
CREATE FUNCTION jqm.webhook_wants(p jqm.webhook, p_state text, p_job_def bigint, p_queue bigint, p_submitter int)
RETURNS boolean LANGUAGE sql STABLE AS $$
	SELECT (p).enabled AND p_state = ANY ((p).states) AND ((p).job_def_id IS NULL OR (p).job_def_id = p_job_def)
	   AND ((p).queue_id IS NULL OR (p).queue_id = p_queue)
	   AND ((p).account_id IS NULL OR jqm.webhook_account_is((p).account_id, p_submitter))
$$;

/*
 * These jobs have ended; of the i-th its state and whatever hooks ask for.  For the transaction that ends them, which
 * calls it when there is a hook at all: as a part of its statement this cost the end of a single job a tenth.
 */
CREATE FUNCTION jqm.webhook_tell(p_ids bigint[], p_states text[], p_job_defs bigint[], p_queues bigint[], p_submitters int[])
RETURNS void LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
BEGIN
	INSERT INTO webhook_delivery (webhook_id, job_instance_id, event)
	SELECT w.id, g.id, 'job.' || lower(g.state) FROM webhook AS w
	  JOIN unnest(p_ids, p_states, p_job_defs, p_queues, p_submitters) AS g(id, state, job_def_id, queue_id, submitter_id)
	    ON webhook_wants(w, g.state, g.job_def_id, g.queue_id, g.submitter_id);
END
$$;

-- ---- rules ----

CREATE FUNCTION jqm.webhook_rules() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_state text;
BEGIN
	PERFORM check_name('name', NEW.name, 100), check_length('description', NEW.description, 1000),
	        check_text('url', NEW.url, 2000), check_present('enabled', NEW.enabled::text),
	        check_reference('jobDefId', 'job_def', 'job definition', NEW.job_def_id),
	        check_reference('queueId', 'queue', 'queue', NEW.queue_id),
	        check_reference('accountId', 'account', 'account', -- once: it may be gone, out of a backup without accounts
	            CASE WHEN TG_OP = 'INSERT' OR NEW.account_id IS DISTINCT FROM OLD.account_id THEN NEW.account_id END);
	IF NEW.url !~ '^https?://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?([/?][\x21\x22\x24-\x5b\x5d-\x7e]*)?$' THEN
		PERFORM refuse('JQ400', 'field "url" is no address such as https://example.org:8443/path?x=y: without user, password, '
		    'fragment, blanks, and with escapes for what is not ASCII');
	ELSIF substring(NEW.url FROM '^https?://[^/?]*:([0-9]+)(?:[/?]|$)')::int NOT BETWEEN 1 AND 65535 THEN
		PERFORM refuse('JQ400', 'field "url": a port is a number from 1 to 65535');
	END IF;
	IF coalesce(cardinality(NEW.states), 0) = 0 THEN
		PERFORM refuse('JQ400', 'field "states" names no end: ENDED, CRASHED, KILLED, CANCELLED');
	END IF;
	FOREACH v_state IN ARRAY NEW.states LOOP
		IF v_state IS NULL OR v_state NOT IN ('ENDED', 'CRASHED', 'KILLED', 'CANCELLED') THEN
			PERFORM refuse('JQ400', format('field "states": "%s" is none of ENDED, CRASHED, KILLED, CANCELLED',
			    left(v_state, 50)));
		END IF;
	END LOOP;
	NEW.states := ARRAY (SELECT s FROM unnest('{ENDED,CRASHED,KILLED,CANCELLED}'::text[]) AS s WHERE s = ANY (NEW.states));
	IF TG_OP = 'UPDATE' AND NEW.name <> OLD.name THEN
		-- What is sealed is sealed for the name: under another one nobody could open it.
		IF NEW.new_secret IS NULL THEN
			PERFORM refuse('JQ409', format('webhook "%s" cannot get another name without its secret, which is sealed for that '
			    'name: give "newSecret" too', OLD.name));
		END IF;
		NEW.old_secret := NULL;
		NEW.old_secret_until := NULL;
	ELSIF TG_OP = 'UPDATE' AND NEW.new_secret IS NOT NULL THEN
		NEW.old_secret := OLD.secret;
		NEW.old_secret_until := now() + interval '24 hours';
	END IF;
	NEW.secret := coalesce(NEW.new_secret, NEW.secret);
	PERFORM check_present('newSecret', NEW.secret);
	NEW.new_secret := NULL;
	IF TG_OP = 'UPDATE' AND NEW.enabled AND NOT OLD.enabled THEN
		NEW.problem := NULL;
		NEW.failing_since := NULL;
		NEW.slow := false;
	END IF;
	RETURN NEW;
END
$$;
CREATE TRIGGER webhook_rules BEFORE INSERT OR UPDATE OF name, description, url, enabled, states, job_def_id, queue_id,
    account_id, new_secret ON jqm.webhook FOR EACH ROW EXECUTE FUNCTION jqm.webhook_rules();

-- What a hook is about stays.  Arguments: noun, column of its name, column of webhook.
CREATE FUNCTION jqm.webhook_keeps() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_hooks text;
BEGIN
	SELECT string_agg(w.name, ', ' ORDER BY w.name) INTO v_hooks FROM webhook AS w
	 WHERE (to_jsonb(w) ->> TG_ARGV[2])::bigint = OLD.id;
	IF v_hooks IS NOT NULL THEN
		PERFORM refuse('JQ409', format('%s "%s" cannot be deleted: webhooks are about it: %s', TG_ARGV[0],
		    to_jsonb(OLD) ->> TG_ARGV[1], left(v_hooks, 200)));
	END IF;
	RETURN OLD;
END
$$;
CREATE TRIGGER webhook_keeps BEFORE DELETE ON jqm.job_def FOR EACH ROW
    EXECUTE FUNCTION jqm.webhook_keeps('job definition', 'name', 'job_def_id');
CREATE TRIGGER webhook_keeps BEFORE DELETE ON jqm.queue FOR EACH ROW
    EXECUTE FUNCTION jqm.webhook_keeps('queue', 'name', 'queue_id');
CREATE TRIGGER webhook_keeps BEFORE DELETE ON jqm.account FOR EACH ROW
    EXECUTE FUNCTION jqm.webhook_keeps('account', 'login', 'account_id');

-- ---- for administrators ----

INSERT INTO jqm.admin_kind VALUES ('webhook', 'webhook', 'webhook', '{failingSince,problem}');
CREATE VIEW jqm.admin_webhook AS
SELECT w.id, w.name, w.description, w.url, w.enabled, to_jsonb(w.states) AS states, w.job_def_id AS "jobDefId",
       w.queue_id AS "queueId", w.account_id AS "accountId",
       jqm.milliseconds(CASE WHEN w.old_secret_until > now() THEN w.old_secret_until END) AS "oldSecretUntil", w.problem,
       jqm.milliseconds(w.failing_since) AS "failingSince"
  FROM jqm.webhook AS w;
INSERT INTO jqm.admin_field VALUES
	('webhook', 'name', 'name', 'NULL', NULL), ('webhook', 'description', 'description', 'NULL', NULL),
	('webhook', 'url', 'url', 'NULL', NULL), ('webhook', 'enabled', 'enabled', 'KEEP', NULL),
	('webhook', 'states', 'states', 'KEEP', NULL), ('webhook', 'jobDefId', 'job_def_id', 'NULL', 'none'),
	('webhook', 'queueId', 'queue_id', 'NULL', 'none'), ('webhook', 'accountId', 'account_id', 'NULL', 'none'),
	('webhook', 'newSecret', 'new_secret', 'KEEP', 'sealed');

INSERT INTO jqm.audit_secret VALUES ('webhook', 'secret'), ('webhook', 'old_secret'), ('webhook', 'new_secret');
SELECT jqm.audit_table('webhook', 'webhook', 'id', 'name', 'failing_since,slow,given_up');

CREATE FUNCTION jqm.webhook_of(p_id bigint) RETURNS jqm.webhook
LANGUAGE plpgsql STABLE SET search_path = jqm, pg_temp AS $$
DECLARE
	v webhook;
BEGIN
	SELECT * INTO v FROM webhook WHERE id = p_id;
	IF NOT FOUND THEN
		PERFORM refuse_as('JQ404', 'itemNotFound id=' || p_id, format('there is no webhook %s', p_id));
	END IF;
	RETURN v;
END
$$;

-- A moment as bodies tell it.
CREATE FUNCTION jqm.webhook_time(p timestamptz) RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT to_char(p AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

-- Send something now, to see whether it arrives; the number of the delivery.
CREATE FUNCTION jqm.webhook_ping(p_id bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v        webhook := webhook_of(p_id);
	v_number bigint;
BEGIN
	IF NOT v.enabled THEN
		PERFORM refuse('JQ409', format('webhook "%s" is disabled', v.name));
	END IF;
	INSERT INTO webhook_delivery (webhook_id, event, body) VALUES (p_id, 'ping',
	    jsonb_build_object('type', 'ping', 'timestamp', webhook_time(now()), 'data', jsonb_build_object('webhook', v.name)))
	RETURNING id INTO v_number;
	INSERT INTO audit (action, kind, object_id, name, changes) VALUES ('ping', 'webhook', p_id, v.name,
	    jsonb_build_array(audit_change('delivery', v_number::text)));
	RETURN v_number;
END
$$;

-- Deliver it now: once more, or before its time.  Under the number (webhook-id) and with the bytes it had.
CREATE FUNCTION jqm.webhook_redeliver(p_webhook bigint, p_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v  webhook := webhook_of(p_webhook);
	v_delivery webhook_delivery;
BEGIN
	SELECT * INTO v_delivery FROM webhook_delivery WHERE id = p_id AND webhook_id = p_webhook FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM refuse('JQ404', format('webhook "%s" has no delivery %s', v.name, p_id));
	ELSIF NOT v.enabled THEN
		PERFORM refuse('JQ409', format('webhook "%s" is disabled', v.name));
	ELSIF v_delivery.lease_until > now() THEN
		PERFORM refuse('JQ409', format('delivery %s is on its way now', p_id));
	END IF;
	UPDATE webhook_delivery SET state = 'PENDING', next_try_at = now(), wanted_since = now(), over_at = NULL,
	    tries_before = tries WHERE id = p_id;
	PERFORM pg_notify('jqm_webhook', '');
	INSERT INTO audit (action, kind, object_id, name, changes) VALUES ('redeliver', 'webhook', p_webhook, v.name,
	    jsonb_build_array(audit_change('delivery', p_id::text)));
END
$$;

/*
 * Deliveries of a hook as documents, newest first: at most p_most, older than number p_before (NULL: all), or (p_id) that
 * one.  Of the tries the last twenty.
 */
CREATE FUNCTION jqm.webhook_deliveries(p_webhook bigint, p_id bigint, p_before bigint, p_most int) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v      webhook := webhook_of(p_webhook);
	v_list jsonb;
BEGIN
	SELECT coalesce(jsonb_agg(to_jsonb(d) ORDER BY d.id DESC), '[]') INTO v_list FROM (
		SELECT d.id, d.event_id AS "eventId", d.event, d.job_instance_id AS "jobId", d.state, d.tries, d.body,
		       milliseconds(d.created_at) AS "creationDate", milliseconds(d.next_try_at) AS "nextTryDate",
		       milliseconds(d.over_at) AS "endDate",
		       (SELECT coalesce(jsonb_agg(jsonb_build_object('try', a.try, 'date', milliseconds(a.at), 'node', a.node_name,
		            'tookMs', a.took_ms, 'status', a.status, 'reason', a.reason, 'answer', a.answer) ORDER BY a.try), '[]')
		          FROM webhook_attempt AS a WHERE a.delivery_id = d.id AND a.try > d.tries - 20) AS attempts
		  FROM webhook_delivery AS d
		 WHERE d.webhook_id = p_webhook AND (p_id IS NULL OR d.id = p_id) AND (p_before IS NULL OR d.id < p_before)
		 ORDER BY d.id DESC LIMIT p_most) AS d;
	IF p_id IS NOT NULL AND v_list = '[]' THEN
		PERFORM refuse('JQ404', format('webhook "%s" has no delivery %s', v.name, p_id));
	END IF;
	RETURN v_list;
END
$$;

-- ---- for jqm-hooks ----

-- What is told of the end of a job, no parameter among it; NULL: it is not in history any more.
CREATE FUNCTION jqm.webhook_body(p_event text, p_job_id bigint) RETURNS text
LANGUAGE sql STABLE SET search_path = jqm, pg_temp AS $$
	SELECT jsonb_build_object('type', p_event, 'timestamp', webhook_time(p.ended_at), 'data', jsonb_build_object(
	    'id', p.id, 'applicationName', p.definition_name, 'state', p.state, 'exitCode', p.exit_code, 'signal', p.signal,
	    'reason', p.reason, 'queueName', p.queue_name, 'nodeName', p.node_name, 'user', p.user_name,
	    'submittedBy', p.submitted_by, 'parent', p.parent_id, 'sessionID', p.session_key, 'application', p.application,
	    'module', p.module, 'keyword1', p.keyword1, 'keyword2', p.keyword2, 'keyword3', p.keyword3, 'traceId', p.trace_id,
	    'priority', p.priority, 'attempt', p.attempt, 'enqueueDate', webhook_time(p.enqueued_at),
	    'beganRunningDate', webhook_time(p.started_at), 'endDate', webhook_time(p.ended_at)))::text
	  FROM past_job AS p WHERE p.id = p_job_id
$$;

-- These deliveries are given up.
CREATE FUNCTION jqm.webhook_give_up(p_ids bigint[]) RETURNS void
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
BEGIN
	UPDATE webhook_delivery AS d SET state = 'GIVEN_UP', next_try_at = NULL, lease_until = NULL, over_at = now()
	 WHERE d.id = ANY (p_ids);
	-- In one order: two that count must not wait for each other.
	PERFORM FROM webhook AS w WHERE w.id IN (SELECT d.webhook_id FROM webhook_delivery AS d WHERE d.id = ANY (p_ids))
	  ORDER BY w.id FOR NO KEY UPDATE;
	UPDATE webhook AS w SET given_up = w.given_up + g.n
	  FROM (SELECT d.webhook_id, count(*) AS n FROM webhook_delivery AS d WHERE d.id = ANY (p_ids) GROUP BY 1) AS g
	 WHERE w.id = g.webhook_id;
END
$$;

-- Whom an address asks, as far as connections are counted: its host, whatever the port.
CREATE FUNCTION jqm.webhook_host(p_url text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
	SELECT lower(substring(p_url FROM '^https?://(\[[^]]*\]|[^:/?]*)'))
$$;

/*
 * Take deliveries that are due, for p_lease_ms: they are due again when that is over, so a sender that dies loses none,
 * and nobody else sends the same one meanwhile.  seconds: when that is, since 1970, for what is signed.
 *
 * There are two lanes, so that who is slow or dead keeps nobody else waiting: up to p_quick_room are taken of hooks whose
 * last answer came and was quick, up to p_slow_room of all others (slow: true).  The caller has deliveries of these hooks
 * on their way: p_quick out of the first lane, p_late too, but they are slow now, p_slow out of the second.
 * Of a hook at most p_each are on their way, one if it is slow; to a host at most p_host_most out of each lane.  First the
 * first one of each hook, then the second ones: a hook with much to be told goes before none.
 *
 * What became of a try whose sender died nobody can tell: its attempt says so.  What is about a job that was purged is
 * given up.
 */
CREATE FUNCTION jqm.webhook_claim(p_quick_room int, p_slow_room int, p_each int, p_host_most int, p_quick bigint[],
	p_late bigint[], p_slow bigint[], p_lease_ms int)
RETURNS TABLE (id bigint, try int, webhook_id bigint, name text, url text, event_id uuid, body text, secret text, old_secret text,
	seconds bigint, slow boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
#variable_conflict use_column
DECLARE
	v_ids  bigint[];
	v_slow bigint[];
BEGIN
	PERFORM pg_advisory_xact_lock(hashtext('jqm.webhook_claim')); -- of two that choose the same, one would go away empty
	WITH busy AS MATERIALIZED (
		SELECT b.id, b.slow, b.late, count(*) AS n
		  FROM (SELECT unnest(p_quick), false, false UNION ALL SELECT unnest(p_late), false, true
		        UNION ALL SELECT unnest(p_slow), true, false) AS b(id, slow, late) GROUP BY 1, 2, 3
	), busy_host AS (
		SELECT webhook_host(w.url) AS host, b.slow, sum(b.n) AS n
		  FROM busy AS b JOIN webhook AS w ON w.id = b.id GROUP BY 1, 2
	), hook AS (
		SELECT w.id, webhook_host(w.url) AS host, w.slow OR w.failing_since IS NOT NULL OR coalesce(b.late, false) AS slow,
		       coalesce(b.n, 0)::bigint AS busy
		  FROM webhook AS w LEFT JOIN (SELECT b.id, bool_or(b.late) AS late, sum(b.n) AS n FROM busy AS b GROUP BY b.id) AS b
		    ON b.id = w.id
		 WHERE w.enabled
	), due AS (
		SELECT c.id, c.next_try_at, h.slow, h.host,
		       h.busy + row_number() OVER (PARTITION BY h.id ORDER BY c.next_try_at, c.id) AS nth
		  FROM hook AS h CROSS JOIN LATERAL (
			SELECT l.id, l.next_try_at FROM webhook_delivery AS l WHERE l.webhook_id = h.id AND l.next_try_at <= now()
			 ORDER BY l.next_try_at, l.id LIMIT greatest(0, CASE WHEN h.slow THEN 1 ELSE p_each END - h.busy)) AS c
		 WHERE CASE WHEN h.slow THEN p_slow_room ELSE p_quick_room END > 0
	), by_host AS (
		SELECT d.*, coalesce(b.n, 0) + row_number() OVER (PARTITION BY d.slow, d.host ORDER BY d.nth, d.next_try_at, d.id) AS of_host
		  FROM due AS d LEFT JOIN busy_host AS b ON b.host = d.host AND b.slow = d.slow
	), by_lane AS (
		SELECT d.id, d.slow, row_number() OVER (PARTITION BY d.slow ORDER BY d.nth, d.next_try_at, d.id) AS of_lane
		  FROM by_host AS d WHERE d.of_host <= p_host_most
	), taken AS (
		UPDATE webhook_delivery AS d SET tries = d.tries + 1, next_try_at = now() + p_lease_ms * interval '1 ms',
		    lease_until = now() + p_lease_ms * interval '1 ms'
		 WHERE d.id = ANY (ARRAY (
			SELECT l.id FROM webhook_delivery AS l JOIN by_lane AS b ON b.id = l.id
			 WHERE b.of_lane <= CASE WHEN b.slow THEN p_slow_room ELSE p_quick_room END
			   AND l.next_try_at <= now() FOR UPDATE OF l SKIP LOCKED))
		RETURNING d.id
	)
	SELECT array_agg(t.id), array_agg(t.id) FILTER (WHERE b.slow) INTO v_ids, v_slow
	  FROM taken AS t JOIN by_lane AS b ON b.id = t.id;
	IF v_ids IS NULL THEN
		RETURN;
	END IF;
	INSERT INTO webhook_attempt (delivery_id, try, reason)
	SELECT d.id, d.tries - 1, 'unknown: its sender never told' FROM webhook_delivery AS d
	 WHERE d.id = ANY (v_ids) AND d.tries > 1 ON CONFLICT DO NOTHING;
	UPDATE webhook_delivery AS d SET body = webhook_body(d.event, d.job_instance_id)
	 WHERE d.id = ANY (v_ids) AND d.body IS NULL;
	PERFORM webhook_give_up(ARRAY (SELECT d.id FROM webhook_delivery AS d WHERE d.id = ANY (v_ids) AND d.body IS NULL));
	RETURN QUERY SELECT d.id, d.tries, w.id, w.name, w.url, d.event_id, d.body, w.secret,
	    CASE WHEN w.old_secret_until > now() THEN w.old_secret END, floor(extract(epoch FROM now()))::bigint,
	    d.id = ANY (coalesce(v_slow, '{}'))
	  FROM webhook_delivery AS d JOIN webhook AS w ON w.id = d.webhook_id
	 WHERE d.id = ANY (v_ids) AND d.body IS NOT NULL ORDER BY d.id;
END
$$;

/*
 * What became of a try.  p_outcome: DELIVERED; FAILED: it is due again after 10 s, doubled with each try up to an hour,
 * less up to half of that, and not before p_wait_s (an hour at most) when the receiver asks for that; given up when it
 * has been wanted for 3 days; GONE: the receiver wants nothing any more, and the hook is disabled.  p_slow: it took so
 * long that others should not wait for the next one.  p_try as claimed: who has lost a delivery to somebody else changes
 * nothing.  Returns the state it is in now; NULL: it was not ours.
 */
CREATE FUNCTION jqm.webhook_told(p_id bigint, p_try int, p_outcome text, p_node text, p_took_ms int, p_status int,
	p_reason text, p_answer text, p_wait_s int, p_slow boolean) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v       webhook_delivery;
	v_state text;
BEGIN
	SELECT * INTO v FROM webhook_delivery WHERE id = p_id AND tries = p_try AND lease_until IS NOT NULL FOR UPDATE;
	IF NOT FOUND THEN
		RETURN NULL;
	END IF;
	v_state := CASE WHEN p_outcome = 'DELIVERED' THEN 'DELIVERED'
	    WHEN p_outcome = 'GONE' OR v.wanted_since <= now() - interval '3 days' THEN 'GIVEN_UP' ELSE 'PENDING' END;
	UPDATE webhook_delivery SET state = v_state, lease_until = NULL,
	    over_at = CASE WHEN v_state <> 'PENDING' THEN now() END,
	    next_try_at = CASE WHEN v_state = 'PENDING' THEN now() + interval '1 s' * greatest(
	        retry_delay('EXPONENTIAL', 10, 3600, v.tries - v.tries_before - 1), least(p_wait_s, 3600)) END
	 WHERE id = p_id;
	INSERT INTO webhook_attempt (delivery_id, try, node_name, took_ms, status, reason, answer)
	VALUES (p_id, p_try, p_node, p_took_ms, p_status, left(p_reason, 500), left(p_answer, 1000));
	UPDATE webhook SET slow = p_slow, given_up = given_up + (v_state = 'GIVEN_UP')::int,
	    failing_since = CASE WHEN p_outcome <> 'DELIVERED' THEN coalesce(failing_since, now()) END
	 WHERE id = v.webhook_id
	   AND (slow <> p_slow OR (failing_since IS NULL) <> (p_outcome = 'DELIVERED') OR v_state = 'GIVEN_UP');
	IF p_outcome = 'GONE' THEN
		UPDATE webhook SET enabled = false, problem = 'disabled: its receiver answered 410 Gone'
		 WHERE id = v.webhook_id AND enabled;
	END IF;
	RETURN v_state;
END
$$;

/*
 * Up to p_n deliveries go that were over p_days ago, and p_n whose hook was deleted; p_n are given up that were wanted for
 * 3 days, whether or not their turn came: what waits for a hook that fails or is disabled has an end.  The most of these.
 */
CREATE FUNCTION jqm.webhook_forget(p_days int, p_n int) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_old    bigint;
	v_orphan bigint;
	v_late   bigint[];
BEGIN
	DELETE FROM webhook_delivery WHERE id = ANY (ARRAY (SELECT d.id FROM webhook_delivery AS d
	    WHERE d.over_at < now() - p_days * interval '1 day' ORDER BY d.over_at LIMIT p_n FOR UPDATE SKIP LOCKED));
	GET DIAGNOSTICS v_old = ROW_COUNT;
	DELETE FROM webhook_delivery WHERE id = ANY (ARRAY (SELECT d.id FROM webhook_delivery AS d
	    WHERE NOT EXISTS (SELECT FROM webhook AS w WHERE w.id = d.webhook_id) LIMIT p_n FOR UPDATE SKIP LOCKED));
	GET DIAGNOSTICS v_orphan = ROW_COUNT;
	v_late := ARRAY (SELECT d.id FROM webhook_delivery AS d WHERE d.next_try_at IS NOT NULL AND d.wanted_since <= now() - interval '3 days'
	    AND coalesce(d.lease_until, now()) <= now() LIMIT p_n FOR UPDATE SKIP LOCKED);
	PERFORM webhook_give_up(v_late);
	RETURN greatest(v_old, v_orphan, cardinality(v_late));
END
$$;

GRANT EXECUTE ON FUNCTION jqm.webhook_claim, jqm.webhook_told, jqm.webhook_forget TO jqm_notifier;
GRANT EXECUTE ON FUNCTION jqm.webhook_ping, jqm.webhook_redeliver, jqm.webhook_deliveries TO jqm_api;
