#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# DatabaseDump: JQM's own database as one compressed file, without accounts and without keys.
#
# The connection comes from the job's environment (PGHOST, PGPORT, PGDATABASE, PGUSER); the role
# jqm_backup can read everything else and write nothing.
set -eu
umask 077

work=${JQM_JI_TEMP_DIR:?this script runs as a JQM job}
delivery=${JQM_JI_DELIVERY_DIR:?this script runs as a JQM job}
: "${PGHOST:?section job_environment of jqm.ini must name PGHOST}"
: "${PGDATABASE:?section job_environment of jqm.ini must name PGDATABASE}"
PGUSER=${PGUSER:-jqm_backup}
export PGUSER
sql=$work/jqm.sql
file=jqm-$(date -u '+%Y%m%d-%H%M%S').sql.gz

pg_dump --no-password --schema=jqm --exclude-table='jqm.account*' --exclude-table='jqm.admin_user' \
	--exclude-table='jqm.cluster_secret' --exclude-table='jqm.pki_*' --exclude-table='jqm.certificate*' \
	--exclude-table='jqm.admin_certmapping' \
	--file="$sql"
# pg_dump ends a complete dump with these words.
if ! tail -n 5 "$sql" | grep -q 'PostgreSQL database dump complete'; then
	echo "the dump is not complete" >&2
	exit 1
fi
gzip -9 -c "$sql" >"$work/$file"
gzip -t "$work/$file"
gzip -d -c "$work/$file" | cmp - "$sql"
mv "$work/$file" "$delivery/$file"
echo "$file: $(wc -c <"$sql") bytes, $(wc -c <"$delivery/$file") compressed"
