/* SPDX-License-Identifier: Apache-2.0 */
/*
 * start_floor CONNINFO STAMP SOCKET TIMES: the least time from a commit to the first instruction of a
 * command that somebody else starts.  One process inserts a row and notifies in one commit; the other
 * hears it, claims the row and spawns STAMP; or a shell that writes a line to SOCKET, when that is a FIFO.  Prints "median_ms p99_ms" from the answer to the commit.
 */
#include <errno.h>
#include <libpq-fe.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include "stamp_socket.h"

static void
fail(const char *what, const char *detail)
{
	(void)fprintf(stderr, "start_floor: %s: %s\n", what, detail);
	exit(1);
}

static PGconn *
open_database(const char *conninfo)
{
	PGconn *db = PQconnectdb(conninfo);

	if (PQstatus(db) != CONNECTION_OK)
		fail("no database", PQerrorMessage(db));
	return db;
}

static void
order(PGconn *db, const char *statement)
{
	PGresult *done = PQexec(db, statement);

	if (PQresultStatus(done) != PGRES_COMMAND_OK && PQresultStatus(done) != PGRES_TUPLES_OK)
		fail(statement, PQerrorMessage(db));
	PQclear(done);
}

static void
spawn(const char *program, const char *socket_path)
{
	char *const argv[] = { (char *)program, (char *)socket_path, NULL };
	char *const shell[] = { (char *)"sh", (char *)"-c", (char *)"echo >\"$0\"",
				(char *)socket_path, NULL };
	char *const envp[] = { NULL };
	bool is_shell = stamp_is_fifo(socket_path);
	pid_t pid;

	if (posix_spawn(&pid, is_shell ? "/bin/sh" : program, NULL, NULL, is_shell ? shell : argv,
			envp) != 0)
		fail("could not spawn", program);
	while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		continue;
}

/* Hear, claim, spawn; never returns. */
static void
run_claimer(const char *conninfo, const char *program, const char *socket_path, int ready)
{
	PGconn *db = open_database(conninfo);
	PGresult *rows;

	order(db, "LISTEN bench_start");
	rows =
	    PQprepare(db, "claim",
		      "UPDATE bench_floor_start SET taken = true WHERE id = ANY (ARRAY (SELECT id "
		      "FROM bench_floor_start WHERE NOT taken ORDER BY id LIMIT 20 FOR UPDATE SKIP "
		      "LOCKED)) RETURNING id",
		      0, NULL);
	PQclear(rows);
	if (write(ready, "r", 1) != 1)
		fail("claimer", strerror(errno));
	for (;;) {
		struct pollfd one = { .fd = PQsocket(db), .events = POLLIN };
		PGnotify *heard;

		(void)poll(&one, 1, -1);
		if (PQconsumeInput(db) == 0)
			_exit(1);
		while ((heard = PQnotifies(db)) != NULL)
			PQfreemem(heard);
		rows = PQexecPrepared(db, "claim", 0, NULL, NULL, NULL, 0);
		for (int i = 0; i < PQntuples(rows); i++)
			spawn(program, socket_path);
		PQclear(rows);
	}
}

int
main(int argc, char **argv)
{
	long times = argc == 5 ? strtol(argv[4], NULL, 10) : 0;
	double *latency_s = times < 1 ? NULL : calloc((size_t)times, sizeof(*latency_s));
	int ready[2], stamps;
	pid_t claimer;
	PGconn *db;
	char byte;

	if (latency_s == NULL || (stamps = stamp_open(argv[3])) == -1 || pipe(ready) == -1)
		fail("usage", "start_floor CONNINFO STAMP SOCKET TIMES");
	db = open_database(argv[1]);
	order(
	    db,
	    "SET client_min_messages = error; DROP TABLE IF EXISTS bench_floor_start; CREATE TABLE "
	    "bench_floor_start (id bigserial PRIMARY KEY, taken boolean NOT NULL DEFAULT false); "
	    "CREATE INDEX ON bench_floor_start (id) WHERE NOT taken");
	claimer = fork();
	if (claimer == 0)
		run_claimer(argv[1], argv[2], argv[3], ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		fail("claimer", "did not begin");
	for (long i = 0; i < times; i++) {
		double answered_s, begun_s;

		order(db, "BEGIN; INSERT INTO bench_floor_start DEFAULT VALUES; NOTIFY "
			  "bench_start; COMMIT");
		answered_s = now_s();
		if ((begun_s = stamp_read(stamps)) < 0)
			fail("no start within", "10 s");
		latency_s[i] = begun_s - answered_s;
	}
	(void)kill(claimer, SIGKILL);
	(void)waitpid(claimer, NULL, 0);
	print_latency(latency_s, (size_t)times);
	PQfinish(db);
	free(latency_s);
	return 0;
}
