#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Two minutes of make torture with a seed of its own (a short look under the sanitizers).
case ${JQM_VARIANT:-release} in
release) minutes=2 ;;
*) minutes=0.3 ;;
esac
SEED=${SEED:-20} MINUTES=${MINUTES:-$minutes} exec bash "$(dirname "$0")/../torture/run.sh"
