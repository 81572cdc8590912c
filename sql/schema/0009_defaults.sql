-- SPDX-License-Identifier: Apache-2.0
-- What a new installation needs; JQM's names.  Repeatable: jqm.ensure_defaults() repairs.
SET LOCAL ROLE jqm_owner;

CREATE FUNCTION jqm.ensure_defaults() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM queue) THEN
		INSERT INTO queue (name, description, default_queue) VALUES ('DEFAULT', 'default queue', true);
	ELSIF NOT EXISTS (SELECT FROM queue WHERE default_queue) THEN
		UPDATE queue SET default_queue = true WHERE id = (SELECT min(id) FROM queue);
	END IF;
	INSERT INTO global_parameter (key, value) VALUES
	    ('internalPollingPeriodMs', '60000'), ('logFilePerLaunch', 'true'), ('disableWsApi', 'false'),
	    ('enableWsApiSsl', 'false'), ('enableWsApiAuth', 'true'), ('enableInternalPki', 'true')
	ON CONFLICT (key) DO NOTHING;
	INSERT INTO role (name, description, permissions) VALUES
	    ('administrator', 'everything', '{*:*}'),
	    ('config admin', 'all configuration but accounts',
	     '{node:*,queue:*,qmapping:*,jndi:*,prm:*,jd:*,cl:*,concurrency:*,webhook:*}'),
	    ('config viewer', 'reads all configuration but accounts',
	     '{node:read,queue:read,qmapping:read,jndi:read,prm:read,jd:read,cl:read,concurrency:read,webhook:read}'),
	    ('client', 'submits and steers jobs, without logs and files',
	     '{node:read,queue:read,job_instance:*,jd:read}'),
	    ('client power user', 'submits and steers jobs, logs, files and queues',
	     '{node:read,queue:read,job_instance:*,jd:read,logs:read,queue_position:create,queue_position:update,files:read}'),
	    ('client read only', 'looks at jobs, logs and files',
	     '{queue:read,job_instance:read,logs:read,files:read}'),
	    ('monitoring', 'reads the figures for Prometheus, and nothing else', '{metrics:read}')
	ON CONFLICT (name) DO NOTHING;
	UPDATE role SET built_in = true WHERE NOT built_in AND name IN ('administrator', 'config admin', 'config viewer',
	    'client', 'client power user', 'client read only', 'monitoring');
	-- root cannot log in before somebody (jqm up, jqm user) gives it a password.
	INSERT INTO account (login, free_text) VALUES ('root', 'administrator') ON CONFLICT DO NOTHING;
	UPDATE account SET built_in = true WHERE NOT built_in AND login = 'root';
	INSERT INTO account_role SELECT a.id, r.id FROM account AS a, role AS r
	 WHERE a.login = 'root' AND r.name = 'administrator' ON CONFLICT DO NOTHING;
END
$$;
SELECT jqm.ensure_defaults();
