#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# make run: install what is missing, build, start everything and run a sample job.  Ctrl-C stops all.
# JQM_HOME (default ./var) and JQM_PORT (default 1789, later the one of the last start) choose where.
set -eu
cd "$(dirname "$0")/.."

conf/install-packages.sh run
# What make passes on to its children is meant for make.
unset MAKEFLAGS MFLAGS MAKELEVEL
make -j"$(nproc)" all

port=()
[ -z "${JQM_PORT:-}" ] || port=(--port "$JQM_PORT")
exec build/bin/jqm up --demo --home "${JQM_HOME:-./var}" "${port[@]+"${port[@]}"}"
