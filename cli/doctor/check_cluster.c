/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes nobody serves; what slows the queue down: dead rows, old snapshots; and this machine's clock. */
#include <inttypes.h>
#include <stdlib.h>
#include <sys/timex.h>

#include "base/clock.h"
#include "base/err.h"
#include "cli/doctor/doctor.h"
#include "conf/settings.h"
#include "db/db.h"

#define SKEW_NOTE_US 1000000
#define SNAPSHOT_NOTE_S 300
#define SNAPSHOT_WRONG_S 3600

/* A node that left by itself is not "last seen alive". */
DB_STMT(doctor_nodes) = {
	.name = "doctor_nodes",
	.text =
	    "SELECT name, extract(epoch FROM now() - last_seen_alive)::bigint,"
	    " (SELECT count(*) FROM jqm.live_job AS j WHERE j.node_name = n.name) FROM jqm.node AS "
	    "n"
	    " WHERE NOT template AND enabled AND NOT stop AND NOT draining AND last_seen_alive IS "
	    "NOT NULL"
	    " AND coalesce(lease_until, '-infinity') < now() ORDER BY name LIMIT 50",
	.read_only = true,
};
DB_STMT(doctor_dead_rows) = {
	.name = "doctor_dead_rows",
	.text =
	    "SELECT relname, n_dead_tup, n_live_tup FROM pg_stat_user_tables WHERE schemaname = "
	    "'jqm'"
	    " AND n_dead_tup > 20000 AND n_dead_tup > n_live_tup ORDER BY n_dead_tup DESC LIMIT 5",
	.read_only = true,
};
DB_STMT(doctor_snapshots) = {
	.name = "doctor_snapshots",
	.text = "SELECT 'session ' || pid || ' of ' || coalesce(usename, '?'),"
		" extract(epoch FROM clock_timestamp() - xact_start)::bigint FROM pg_stat_activity"
		" WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid() AND backend_type = "
		"'client backend'"
		" AND datname = current_database()"
		" UNION ALL SELECT 'prepared transaction ' || gid,"
		" extract(epoch FROM clock_timestamp() - prepared)::bigint FROM pg_prepared_xacts"
		" WHERE database = current_database() ORDER BY 2 DESC LIMIT 1",
	.read_only = true,
};
DB_STMT(doctor_slots) = {
	.name = "doctor_slots",
	.text = "SELECT slot_name FROM pg_replication_slots WHERE NOT active ORDER BY slot_name "
		"LIMIT 20",
	.read_only = true,
};
DB_STMT(doctor_clock) = {
	.name = "doctor_clock",
	.text = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint",
	.read_only = true,
};

/* NULL: said that it could not be read. */
static struct db_result *
ask(struct doctor *doctor, const struct db_stmt *stmt, const char *what)
{
	struct db_result *rows = NULL;
	struct err err = ERR_INIT;

	if (db_exec(doctor->db, stmt, NULL, &rows, &err) == -1)
		doctor_unread(doctor, what, &err);
	return rows;
}

void
doctor_check_nodes(struct doctor *doctor)
{
	struct db_result *rows;

	if (doctor->db == NULL || (rows = ask(doctor, &doctor_nodes, "nodes")) == NULL)
		return;
	for (int i = 0; i < db_rows(rows); i++)
		doctor_say(doctor, FINDING_WRONG, db_text(rows, i, 0),
			   "start its runner, or jqm node stop it",
			   "its runner was last heard of %s s ago; %s jobs are still bound to it",
			   db_text(rows, i, 1), db_text(rows, i, 2));
	if (db_rows(rows) == 0)
		doctor_say(doctor, FINDING_OK, "nodes", NULL, "all that should live do");
	db_result_free(rows);
}

static void
check_dead_rows(struct doctor *doctor)
{
	struct db_result *rows = ask(doctor, &doctor_dead_rows, "dead rows");

	if (rows == NULL)
		return;
	for (int i = 0; i < db_rows(rows); i++)
		doctor_say(doctor, FINDING_WRONG, db_text(rows, i, 0),
			   "see that autovacuum runs and that no old snapshot holds it up",
			   "%s dead rows beside %s live ones: claims slow down",
			   db_text(rows, i, 1), db_text(rows, i, 2));
	if (db_rows(rows) == 0)
		doctor_say(doctor, FINDING_OK, "dead rows", NULL, "are cleared away in time");
	db_result_free(rows);
}

static void
check_snapshots(struct doctor *doctor)
{
	struct db_result *rows = ask(doctor, &doctor_snapshots, "snapshots");
	int64_t age_s = rows == NULL || db_rows(rows) == 0 ? 0 : db_int64(rows, 0, 1);

	if (rows != NULL && age_s < SNAPSHOT_NOTE_S)
		doctor_say(doctor, FINDING_OK, "snapshots", NULL, "none is older than %d s",
			   SNAPSHOT_NOTE_S);
	else if (rows != NULL)
		doctor_say(doctor, age_s < SNAPSHOT_WRONG_S ? FINDING_NOTE : FINDING_WRONG,
			   db_text(rows, 0, 0), "end that transaction",
			   "a transaction of %" PRId64 " s keeps dead rows from being cleared away",
			   age_s);
	db_result_free(rows);
	rows = ask(doctor, &doctor_slots, "replication slots");
	for (int i = 0; rows != NULL && i < db_rows(rows); i++)
		doctor_say(doctor, FINDING_WRONG, db_text(rows, i, 0),
			   "start the replica, or pg_drop_replication_slot() it",
			   "a replication slot nobody uses: it keeps the database's log for ever, "
			   "and may keep dead rows");
	db_result_free(rows);
}

void
doctor_check_tables(struct doctor *doctor)
{
	if (doctor->db == NULL)
		return;
	check_dead_rows(doctor);
	check_snapshots(doctor);
}

/* How far we are ahead of the database, as seen from the middle of a short question. */
static void
check_skew(struct doctor *doctor)
{
	int64_t lease_ms =
	    doctor->settings == NULL ? 15000 : settings_int(doctor->settings, "runner:lease_ms");
	int64_t before_us = clock_wall_us(), after_us, skew_us;
	struct db_result *rows = ask(doctor, &doctor_clock, "clock");

	if (rows == NULL)
		return;
	after_us = clock_wall_us();
	skew_us = before_us + (after_us - before_us) / 2 - db_int64(rows, 0, 0);
	db_result_free(rows);
	/* A failover to a machine whose clock is off by more ends leases at the wrong time. */
	if (llabs(skew_us) > lease_ms * 1000 / 6)
		doctor_say(doctor, FINDING_WRONG, "clock", "let NTP set both clocks",
			   "is %.1f s %s that of the database", (double)llabs(skew_us) / 1e6,
			   skew_us > 0 ? "ahead of" : "behind");
	else
		doctor_say(doctor, llabs(skew_us) > SKEW_NOTE_US ? FINDING_NOTE : FINDING_OK,
			   "clock", NULL, "is %.1f s %s that of the database",
			   (double)llabs(skew_us) / 1e6, skew_us > 0 ? "ahead of" : "behind");
}

void
doctor_check_clock(struct doctor *doctor)
{
	struct timex state = { .modes = 0 };

	if (adjtimex(&state) == TIME_ERROR || (state.status & STA_UNSYNC) != 0)
		doctor_say(doctor, FINDING_NOTE, "clock", "run chrony or systemd-timesyncd",
			   "the kernel knows nobody who keeps it right");
	if (doctor->db != NULL)
		check_skew(doctor);
}
