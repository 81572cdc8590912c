#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Enqueue over HTTP with a password: against a bare program that commits one INSERT, behind the same nginx with as many
# workers.  Goal: 0.75 of its rate.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

bench_up
floor_up insert
sql "INSERT INTO jqm.queue (name) VALUES ('BENCH')" >/dev/null
define BenchHeld true BENCH
printf 'applicationname=BenchHeld' >"$WORK/form"
printf '<jobRequest><applicationName>BenchHeld</applicationName><user>bench</user><priority>0</priority><parameters/></jobRequest>' >"$WORK/xml"
rounds 16 "${BENCH_REQUESTS:-12000}" POST /ws/simple/ji "$FORM" "$WORK/form"
tell_rounds "enqueue by the simple API, 16 connections"
remove_jobs
rounds 16 "${BENCH_REQUESTS:-12000}" POST /ws/client/ji application/xml "$WORK/xml"
tell_rounds "enqueue by the client API, XML, 16 connections"
