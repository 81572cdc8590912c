#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Two minutes of make torture (a short look under the sanitizers), with the seed whose turn it is: those that found something
# come round as commits do.
# shellcheck source=tests/torture/turn.sh
. "$(dirname "$0")/../torture/turn.sh"
case ${JQM_VARIANT:-release} in
release) minutes=2 ;;
*) minutes=0.3 ;;
esac
SEED=${SEED:-$(seed_in_turn "$(dirname "$0")/../..")} MINUTES=${MINUTES:-$minutes} exec bash "$(dirname "$0")/../torture/run.sh"
