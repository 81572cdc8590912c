#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Parameters with their types, and models of resources, in a real browser: parameters.mjs says what is done there.
. "$(dirname "$0")/../lib/stack.sh"
. "$(dirname "$0")/../lib/browser.sh"
stack_up
define Untyped 'echo untyped'
browser_run parameters.mjs 250
is "what was described is stored" "$(sql "SELECT string_agg(e ->> 'type', ' ' ORDER BY n) FROM jqm.job_def, jsonb_array_elements(parameter_types) WITH ORDINALITY AS x(e, n) WHERE name = 'Report'")" \
	"INTEGER DATE CHOICE BOOLEAN NUMBER TEXT"
is "a job of it had its values" "$(sql "SELECT h.parameters - 'pw' FROM jqm.history AS h JOIN jqm.job_def AS d ON d.id = h.job_def_id WHERE d.name = 'Report' ORDER BY h.id LIMIT 1")" \
	'{"day": "2026-11-30", "loud": "true", "rate": "2.5", "month": "3", "colour": "light blue"}'
done_testing
