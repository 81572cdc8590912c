#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# FailsWithThree: how a failure looks: words on standard error, an exit code that history keeps.
echo "about to look for something that is not there"
echo "there is nothing to work on: giving up with exit code 3" >&2
exit 3
