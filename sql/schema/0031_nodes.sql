-- SPDX-License-Identifier: Apache-2.0
-- Files and logs of other nodes: where a node is, whose certificate a node shows.
SET LOCAL ROLE jqm_owner;

/*
 * Which node a certificate speaks for; NULL: none.  nginx has checked that an authority we trust signed it.  Issued by
 * us: by its fingerprint, so that it counts until it is revoked and not a request longer.  By others: a certificate for
 * servers (p_is_server) with an alternative name that is the dns of one node, and of one alone; never one that a mapping
 * makes an account's.  Common names count for nothing.
 */
CREATE FUNCTION jqm.node_of_certificate(p_fingerprint text, p_issuer text, p_serial text, p_names text[],
	p_is_server boolean) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_names text[];
BEGIN
	IF parameter_is_on('enableInternalPki', true) THEN
		RETURN (SELECT c.name FROM certificate AS c JOIN pki_root AS r ON r.id = c.root_id
		    JOIN node AS n ON n.name = c.name
		    WHERE c.fingerprint = p_fingerprint AND c.kind = 'NODE' AND c.revoked_at IS NULL
		      AND c.not_after > now() AND r.state <> 'RETIRED');
	END IF;
	IF NOT p_is_server OR EXISTS (SELECT FROM certificate_mapping AS m
	    WHERE (m.issuer IS NULL OR m.issuer = p_issuer)
	      AND CASE m.form WHEN 'FINGERPRINT' THEN m.value = p_fingerprint
	                      WHEN 'SERIAL' THEN m.value = p_serial
	                      ELSE m.value = ANY (p_names) END) THEN
		RETURN NULL;
	END IF;
	v_names := ARRAY(SELECT n.name FROM node AS n
	    WHERE lower(n.dns) NOT IN ('localhost', '127.0.0.1', '::1')
	      AND (lower('DNS:' || rtrim(n.dns, '.')) IN (SELECT lower(s) FROM unnest(p_names) AS s)
	           OR is_address(n.dns) AND 'IP:' || host(n.dns::inet) = ANY (p_names)));
	RETURN CASE WHEN cardinality(v_names) = 1 THEN v_names[1] END;
END
$$;
GRANT EXECUTE ON FUNCTION jqm.node_of_certificate TO jqm_api;

-- A node that is gone fetches nothing any more.
CREATE FUNCTION jqm.node_certificates_end() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	PERFORM certificate_revoke(c.id, NULL, 'its node was deleted') FROM certificate AS c
	  WHERE c.kind = 'NODE' AND c.name = OLD.name AND c.revoked_at IS NULL;
	RETURN OLD;
END
$$;
-- After node_deletion (in the order of their names), which may refuse.
CREATE TRIGGER node_deletion_certificates BEFORE DELETE ON jqm.node
    FOR EACH ROW EXECUTE FUNCTION jqm.node_certificates_end();

-- For the owner (jqm up): the port a node was started with is the one it has.
CREATE FUNCTION jqm.node_set_port(p_name text, p_port int) RETURNS void
LANGUAGE sql SET search_path = jqm, pg_temp AS $$
	UPDATE node SET port = p_port WHERE name = p_name AND port <> p_port
$$;
