-- SPDX-License-Identifier: Apache-2.0
-- Certificates: the authority of the cluster (internal PKI), what it issued and revoked, and which account a
-- certificate of another authority (external PKI) means.  A certificate is looked up at each request: what is
-- revoked here is refused by the next one, whatever lists nginx has read.
SET LOCAL ROLE jqm_owner;

/*
 * The authority's certificates.  One is CURRENT: it signs.  At a roll-over the next one is trusted and published
 * before it signs (NEXT), and the last one stays trusted after (OLD) until nobody uses it any more (RETIRED).
 */
CREATE TABLE jqm.pki_root (
	id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	state       text        NOT NULL CHECK (state IN ('NEXT', 'CURRENT', 'OLD', 'RETIRED')),
	certificate text        NOT NULL, -- PEM
	fingerprint text        NOT NULL UNIQUE, -- SHA-256
	not_after   timestamptz NOT NULL,
	made_at     timestamptz NOT NULL DEFAULT now(),
	crl         text, -- PEM; the newest that was signed
	crl_number  bigint      NOT NULL DEFAULT 0,
	crl_until   timestamptz,
	crl_stale   boolean     NOT NULL DEFAULT true -- something was revoked since
);
CREATE UNIQUE INDEX pki_root_current ON jqm.pki_root (state) WHERE state IN ('NEXT', 'CURRENT');

-- Their private keys, PKCS#8: encrypted when a passphrase is configured.  In a table of their own, so that no
-- right on anything else gives them; no role of a program has one here: see pki_signer().
CREATE TABLE jqm.pki_key (
	root_id bigint PRIMARY KEY REFERENCES jqm.pki_root (id),
	key     text   NOT NULL
);

CREATE TABLE jqm.certificate (
	id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	root_id     bigint      NOT NULL REFERENCES jqm.pki_root (id),
	serial      text        NOT NULL CHECK (serial ~ '^[1-9A-F][0-9A-F]{0,39}$'),
	fingerprint text        NOT NULL UNIQUE CHECK (fingerprint ~ '^[0-9a-f]{64}$'),
	kind        text        NOT NULL CHECK (kind IN ('CLIENT', 'NODE')),
	account_id  bigint      REFERENCES jqm.account (id) ON DELETE SET NULL,
	name        text        NOT NULL, -- the login or the node, as it was then
	not_after   timestamptz NOT NULL,
	issued_at   timestamptz NOT NULL DEFAULT now(),
	issued_by   text,
	revoked_at  timestamptz,
	revoked_by  text,
	reason      text        CHECK (length(reason) <= 254),
	UNIQUE (root_id, serial)
);
CREATE INDEX certificate_account ON jqm.certificate (account_id);

CREATE TABLE jqm.certificate_mapping (
	id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	account_id  bigint NOT NULL REFERENCES jqm.account (id) ON DELETE CASCADE,
	form        text   NOT NULL,
	issuer      text,
	value       text   NOT NULL,
	description text,
	UNIQUE NULLS NOT DISTINCT (form, issuer, value)
);
CREATE INDEX certificate_mapping_account ON jqm.certificate_mapping (account_id);
REVOKE ALL ON jqm.pki_root, jqm.pki_key, jqm.certificate, jqm.certificate_mapping FROM jqm_backup;

-- What administrators copy from openssl (colons, zeros before, either case) is stored in the one form we compare.
CREATE FUNCTION jqm.certificate_mapping_rules() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	PERFORM check_present('accountId', NEW.account_id::text), check_present('form', NEW.form),
	        check_name('value', NEW.value, 500), check_length('issuer', NEW.issuer, 1000),
	        check_length('description', NEW.description, 254);
	NEW.issuer := nullif(btrim(NEW.issuer), '');
	CASE NEW.form
	WHEN 'FINGERPRINT' THEN
		NEW.value := lower(replace(NEW.value, ':', ''));
		IF NEW.value !~ '^[0-9a-f]{64}$' THEN
			PERFORM refuse('JQ400', 'field "value" is no SHA-256 fingerprint: 64 hexadecimal digits');
		ELSIF NEW.issuer IS NOT NULL THEN
			PERFORM refuse('JQ400', 'field "issuer": a fingerprint needs none');
		END IF;
	WHEN 'SERIAL' THEN
		NEW.value := ltrim(upper(replace(NEW.value, ':', '')), '0');
		IF NEW.value !~ '^[0-9A-F]{1,40}$' THEN
			PERFORM refuse('JQ400', 'field "value" is no serial number: up to 40 hexadecimal digits');
		ELSIF NEW.issuer IS NULL THEN
			PERFORM refuse('JQ400', 'field "issuer" is missing: serial numbers are unique for an issuer only');
		END IF;
	WHEN 'SAN' THEN
		IF NEW.value !~ '^(DNS|email|URI|IP|UPN):.' THEN
			PERFORM refuse('JQ400', 'field "value" is none of DNS:..., email:..., URI:..., IP:..., UPN:...');
		END IF;
	ELSE
		PERFORM refuse('JQ400', format('field "form" is none of FINGERPRINT, SERIAL, SAN: "%s"', left(NEW.form, 50)));
	END CASE;
	IF NOT EXISTS (SELECT FROM account WHERE id = NEW.account_id) THEN
		PERFORM refuse('JQ400', format('field "accountId": there is no account %s', NEW.account_id));
	END IF;
	RETURN NEW;
END
$$;
CREATE TRIGGER certificate_mapping_rules BEFORE INSERT OR UPDATE ON jqm.certificate_mapping
    FOR EACH ROW EXECUTE FUNCTION jqm.certificate_mapping_rules();

INSERT INTO jqm.admin_kind VALUES ('certmapping', 'certificate_mapping', 'certificate mapping', '{}');
CREATE VIEW jqm.admin_certmapping AS
SELECT m.id, m.account_id AS "accountId", a.login, m.form, m.issuer, m.value, m.description
  FROM jqm.certificate_mapping AS m JOIN jqm.account AS a ON a.id = m.account_id;
REVOKE ALL ON jqm.admin_certmapping FROM jqm_backup;
INSERT INTO jqm.admin_field VALUES
	('certmapping', 'accountId', 'account_id', 'NULL', NULL), ('certmapping', 'form', 'form', 'NULL', NULL),
	('certmapping', 'issuer', 'issuer', 'NULL', NULL), ('certmapping', 'value', 'value', 'NULL', NULL),
	('certmapping', 'description', 'description', 'NULL', NULL);

-- ---- the authority; for the owner only (jqm up, jqm pki) ----

CREATE FUNCTION jqm.pki_root_add(p_state text, p_certificate text, p_fingerprint text, p_not_after timestamptz,
	p_key text) RETURNS bigint
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v_id bigint;
BEGIN
	INSERT INTO pki_root (state, certificate, fingerprint, not_after)
	VALUES (p_state, p_certificate, p_fingerprint, p_not_after) RETURNING id INTO v_id;
	INSERT INTO pki_key VALUES (v_id, p_key);
	RETURN v_id;
EXCEPTION WHEN unique_violation THEN
	PERFORM refuse('JQ409', format('there is a root in state %s already', p_state));
END
$$;

-- The second step of a roll-over: the next root signs from now on, the last one stays trusted.
CREATE FUNCTION jqm.pki_switch() RETURNS void
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v_next bigint := (SELECT id FROM pki_root WHERE state = 'NEXT' FOR UPDATE);
BEGIN
	IF v_next IS NULL THEN
		PERFORM refuse('JQ409', 'there is no next root: make it first');
	END IF;
	UPDATE pki_root SET state = 'OLD' WHERE state = 'CURRENT';
	UPDATE pki_root SET state = 'CURRENT' WHERE id = v_next;
END
$$;

-- The third: what the old root signed is no longer accepted.  How many certificates of clients that were.
CREATE FUNCTION jqm.pki_retire(p_id bigint) RETURNS bigint
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
BEGIN
	UPDATE pki_root SET state = 'RETIRED' WHERE id = p_id AND state IN ('OLD', 'NEXT');
	IF NOT FOUND THEN
		PERFORM refuse('JQ409', format('root %s is not one that can be retired: neither old nor next', p_id));
	END IF;
	RETURN (SELECT count(*) FROM certificate WHERE root_id = p_id AND kind = 'CLIENT' AND revoked_at IS NULL
	           AND not_after > now());
END
$$;

-- What the revocation list of a root has to say; its row is locked until the list is stored.
CREATE FUNCTION jqm.pki_revoked(p_root bigint) RETURNS TABLE (serial text, at_s bigint)
LANGUAGE sql SET search_path = jqm, pg_temp AS $$
	SELECT c.serial, extract(epoch FROM c.revoked_at)::bigint FROM certificate AS c
	 WHERE c.root_id = p_root AND c.revoked_at IS NOT NULL AND c.not_after > now() - interval '1 day' ORDER BY c.id
$$;

/*
 * What nginx of a node has to be told, and a text that changes whenever one of these does: TLS or not, who
 * issues, where to listen (port 0: nobody has said), which roots and lists there are.
 */
CREATE FUNCTION jqm.web_settings(p_node text, OUT tls boolean, OUT allow_clear boolean, OUT internal_pki boolean,
	OUT dns text, OUT port int, OUT state text)
LANGUAGE sql STABLE SET search_path = jqm, pg_temp AS $$
	WITH p AS (SELECT parameter_is_on('enableWsApiSsl', false) AS tls, parameter_is_on('allowClearHttp', false) AS clear,
	                  parameter_is_on('enableInternalPki', true) AS internal),
	     d AS (SELECT coalesce(max(n.dns), 'localhost') AS dns, coalesce(max(n.port), 0) AS port
	             FROM node AS n WHERE n.name = p_node),
	     r AS (SELECT coalesce(string_agg(format('%s %s %s %s', id, state, crl_number,
	                      crl_stale OR coalesce(crl_until < now() + interval '7 days', true)), ', ' ORDER BY id), '') AS roots
	             FROM pki_root WHERE state <> 'RETIRED')
	SELECT p.tls, p.clear, p.internal, d.dns, d.port,
	       format('%s|%s|%s|%s|%s|%s', p.tls, p.clear, p.internal, d.dns, d.port, r.roots)
	  FROM p, d, r
$$;

-- ---- for the web API ----

/*
 * What signs.  The one door to the key: whoever holds the rights of jqm_api can issue certificates, which the
 * program must be able to; encrypted, the key is worth nothing without the passphrase on the machine's disk.
 */
CREATE FUNCTION jqm.pki_signer(OUT root_id bigint, OUT certificate text, OUT key text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
#variable_conflict use_column
BEGIN
	IF NOT parameter_is_on('enableInternalPki', true) THEN
		PERFORM refuse('JQ409', 'certificates come from another authority: global parameter enableInternalPki is off');
	END IF;
	SELECT r.id, r.certificate, k.key INTO root_id, certificate, key
	  FROM pki_root AS r JOIN pki_key AS k ON k.root_id = r.id WHERE r.state = 'CURRENT';
	IF NOT FOUND THEN
		PERFORM refuse('JQ409', 'there is no certificate authority yet: a start of the stack makes it');
	END IF;
END
$$;

-- The roots that are trusted, the one that signs first, and their lists.
CREATE FUNCTION jqm.pki_trust() RETURNS TABLE (root_id bigint, certificate text, crl text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	SELECT r.id, r.certificate, r.crl FROM pki_root AS r WHERE r.state <> 'RETIRED' ORDER BY r.state <> 'CURRENT', r.id
$$;

-- May the account have a certificate?  Its login.
CREATE FUNCTION jqm.certificate_login(p_account bigint) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v account;
BEGIN
	SELECT * INTO v FROM account WHERE id = p_account;
	IF NOT FOUND THEN
		PERFORM refuse('JQ404', format('there is no account %s', p_account));
	ELSIF v.locked THEN
		PERFORM refuse('JQ409', format('account "%s" is locked', v.login));
	ELSIF v.expiration_date <= now() THEN
		PERFORM refuse('JQ409', format('account "%s" has expired', v.login));
	END IF;
	RETURN v.login;
END
$$;

CREATE FUNCTION jqm.certificate_revoke(p_id bigint, p_by text, p_reason text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_root bigint;
BEGIN
	PERFORM check_length('reason', p_reason, 254);
	UPDATE certificate SET revoked_at = now(), revoked_by = p_by, reason = p_reason
	 WHERE id = p_id AND revoked_at IS NULL RETURNING root_id INTO v_root;
	IF FOUND THEN
		UPDATE pki_root SET crl_stale = true WHERE id = v_root;
	ELSIF NOT EXISTS (SELECT FROM certificate WHERE id = p_id) THEN
		PERFORM refuse('JQ404', format('there is no certificate %s', p_id));
	END IF;
END
$$;

/*
 * Note what was signed, before it is handed out: what is not here is not accepted.  p_replaces: a certificate of
 * the same account that is revoked with it.
 */
CREATE FUNCTION jqm.certificate_add(p_root bigint, p_serial text, p_fingerprint text, p_account bigint,
	p_not_after timestamptz, p_by text, p_replaces bigint DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_login text := certificate_login(p_account);
	v_id    bigint;
BEGIN
	IF p_replaces IS NOT NULL THEN
		IF NOT EXISTS (SELECT FROM certificate WHERE id = p_replaces AND account_id = p_account) THEN
			PERFORM refuse('JQ404', format('account "%s" has no certificate %s', v_login, p_replaces));
		END IF;
		PERFORM certificate_revoke(p_replaces, p_by, 'replaced by a new one');
	END IF;
	INSERT INTO certificate (root_id, serial, fingerprint, kind, account_id, name, not_after, issued_by)
	VALUES (p_root, p_serial, p_fingerprint, 'CLIENT', p_account, v_login, p_not_after, p_by) RETURNING id INTO v_id;
	RETURN v_id;
END
$$;

-- p_account NULL: of all.
CREATE FUNCTION jqm.certificate_list(p_account bigint DEFAULT NULL, p_id bigint DEFAULT NULL)
RETURNS TABLE (id bigint, account_id bigint, name text, kind text, serial text, fingerprint text, issued_at timestamptz,
	issued_by text, not_after timestamptz, revoked_at timestamptz, revoked_by text, reason text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	SELECT c.id, c.account_id, c.name, c.kind, c.serial, c.fingerprint, c.issued_at, c.issued_by,
	       c.not_after, c.revoked_at, c.revoked_by, c.reason
	  FROM certificate AS c
	 WHERE (p_account IS NULL OR c.account_id = p_account) AND (p_id IS NULL OR c.id = p_id) ORDER BY c.id
$$;

/*
 * Whose certificate it is: no row when nobody's who may use it now.  nginx has checked that an authority we trust
 * signed it; names in it count nothing.  Issued by us: by its fingerprint, which stands for issuer, serial
 * number and all the rest.  By others: by the mappings, if all that fit mean one account.
 */
CREATE FUNCTION jqm.account_of_certificate(p_fingerprint text, p_issuer text, p_serial text, p_names text[])
RETURNS TABLE (account_id bigint, login text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_accounts bigint[];
BEGIN
	IF NOT parameter_is_on('enableInternalPki', true) THEN
		v_accounts := ARRAY(SELECT DISTINCT m.account_id FROM certificate_mapping AS m
		    WHERE (m.issuer IS NULL OR m.issuer = p_issuer)
		      AND CASE m.form WHEN 'FINGERPRINT' THEN m.value = p_fingerprint
		                      WHEN 'SERIAL' THEN m.value = p_serial
		                      ELSE m.value = ANY (p_names) END);
	ELSE
		v_accounts := ARRAY(SELECT c.account_id FROM certificate AS c JOIN pki_root AS r ON r.id = c.root_id
		    WHERE c.fingerprint = p_fingerprint AND c.kind = 'CLIENT' AND c.revoked_at IS NULL
		      AND c.not_after > now() AND r.state <> 'RETIRED');
	END IF;
	RETURN QUERY SELECT a.id, a.login FROM account AS a
	  WHERE cardinality(v_accounts) = 1 AND a.id = v_accounts[1] AND NOT a.locked
	    AND (a.expiration_date IS NULL OR a.expiration_date > now());
END
$$;

-- Who is no longer an account has no valid certificate either, and the lists say so.
CREATE FUNCTION jqm.account_certificates_end() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	PERFORM set_config('jqm.account_goes', OLD.id::text, true);
	PERFORM certificate_revoke(c.id, NULL, 'its account was deleted') FROM certificate AS c WHERE c.account_id = OLD.id;
	PERFORM set_config('jqm.account_goes', '', true);
	RETURN OLD;
END
$$;
-- After account_deletion (in the order of their names), which may refuse.
CREATE TRIGGER account_deletion_certificates BEFORE DELETE ON jqm.account
    FOR EACH ROW EXECUTE FUNCTION jqm.account_certificates_end();

/*
 * Who remembers whose a certificate is asks for the account's stamp only (0003).  So what one certificate is worth
 * changes its account's, and what all are worth everybody's.  An account that is just deleted has none any more.
 */
CREATE FUNCTION jqm.certificate_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	IF OLD.account_id::text IS DISTINCT FROM current_setting('jqm.account_goes', true) THEN
		PERFORM stamp_accounts(ARRAY[OLD.account_id]);
	END IF;
	RETURN NULL;
END
$$;
CREATE TRIGGER certificate_changed AFTER UPDATE OR DELETE ON jqm.certificate FOR EACH ROW
    WHEN (OLD.account_id IS NOT NULL) EXECUTE FUNCTION jqm.certificate_changed();

CREATE TRIGGER certificates_will_mean_others BEFORE INSERT OR UPDATE OR DELETE ON jqm.certificate_mapping
    FOR EACH STATEMENT EXECUTE FUNCTION jqm.all_stamps_will_change();
CREATE TRIGGER certificates_mean_others AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON jqm.certificate_mapping
    FOR EACH STATEMENT EXECUTE FUNCTION jqm.all_stamps_change();
CREATE TRIGGER certificates_mean_others AFTER UPDATE OF state ON jqm.pki_root FOR EACH ROW
    WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION jqm.all_stamps_change();
CREATE TRIGGER certificates_mean_others_new AFTER INSERT ON jqm.global_parameter FOR EACH ROW
    WHEN (NEW.key = 'enableInternalPki') EXECUTE FUNCTION jqm.all_stamps_change();
CREATE TRIGGER certificates_mean_others_now AFTER UPDATE ON jqm.global_parameter FOR EACH ROW
    WHEN (OLD.key = 'enableInternalPki' OR NEW.key = 'enableInternalPki') EXECUTE FUNCTION jqm.all_stamps_change();
CREATE TRIGGER certificates_mean_others_gone AFTER DELETE ON jqm.global_parameter FOR EACH ROW
    WHEN (OLD.key = 'enableInternalPki') EXECUTE FUNCTION jqm.all_stamps_change();

GRANT EXECUTE ON FUNCTION jqm.pki_signer, jqm.pki_trust, jqm.certificate_login, jqm.certificate_revoke,
    jqm.certificate_add, jqm.certificate_list, jqm.account_of_certificate TO jqm_api;
