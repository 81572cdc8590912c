-- SPDX-License-Identifier: Apache-2.0
-- The health check asks for a login, unless the parameter enableAnonymousHealth is true.  It did not before: who probes
-- nodes that are there already goes on doing so, and jqm doctor says that anybody may.
SET LOCAL ROLE jqm_owner;

INSERT INTO jqm.global_parameter (key, value)
SELECT 'enableAnonymousHealth', 'true' WHERE EXISTS (SELECT FROM jqm.node)
    ON CONFLICT (key) DO NOTHING;
