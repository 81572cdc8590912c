#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Two minutes of make torture with its nodes on several hosts, whose cables are pulled, and disks that fill.
HOSTS=1 SEED=${SEED:-42} MINUTES=${MINUTES:-2} exec bash "${JQM_TEST_SOURCE:?}/tests/torture/run.sh"
