#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A configuration file of another account: only root can make one, so the unit test runs once as root.
. "${JQM_TEST_SOURCE:?}/tests/lib/tap.sh"

output=$(CMOCKA_MESSAGE_OUTPUT=TAP "$JQM_TEST_SOURCE/build/tests/unit/test_settings" 2>&1)
is "the settings tests pass as root" $? 0
like "a configuration file of another account is refused" "$output" \
	'^ok [0-9]+ - a_file_of_another_account_is_refused'
done_testing
