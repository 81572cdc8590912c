/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner_floor CONNINFO JOBS IN_FLIGHT DIR: the least a durable runner of shell jobs can do.  Claim 20 rows
 * of bench_floor_job in one commit, for each make a directory and a log file and spawn "sh -c true" in a
 * session of its own, IN_FLIGHT at a time, reap it, and note 20 ends in one commit.  No time limits, no
 * retries, no orders, no files, no history.  Prints jobs per second, and microseconds of processor time a job,
 * of this program, its children and its backend.
 */
#include <errno.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench_time.h"

#define BATCH 20

static void
fail(const char *what, const char *detail)
{
	(void)fprintf(stderr, "runner_floor: %s: %s\n", what, detail);
	exit(1);
}

static PGresult *
run(PGconn *db, const char *statement, const char *value, ExecStatusType expected)
{
	PGresult *rows =
	    PQexecPrepared(db, statement, value == NULL ? 0 : 1, &value, NULL, NULL, 0);

	if (PQresultStatus(rows) != expected)
		fail(statement, PQerrorMessage(db));
	return rows;
}

static void
prepare(PGconn *db)
{
	static const char *const statements[][2] = {
		{ "fill",
		  "INSERT INTO bench_floor_job SELECT i, 0 FROM generate_series(1, $1::int) AS i" },
		{ "claim",
		  "UPDATE bench_floor_job SET state = 1 WHERE id = ANY (ARRAY (SELECT id FROM "
		  "bench_floor_job WHERE state = 0 ORDER BY id LIMIT 20 FOR UPDATE SKIP LOCKED)) "
		  "RETURNING id" },
		{ "finish", "UPDATE bench_floor_job SET state = 2 WHERE id = ANY ($1::bigint[])" },
	};

	PQclear(PQexec(db, "SET client_min_messages = error"));
	PQclear(PQexec(db, "DROP TABLE IF EXISTS bench_floor_job"));
	PQclear(PQexec(db,
		       "CREATE TABLE bench_floor_job (id bigint PRIMARY KEY, state int NOT NULL) "
		       "WITH (fillfactor = 50)"));
	PQclear(PQexec(db, "CREATE INDEX ON bench_floor_job (id) WHERE state = 0"));
	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
		PGresult *made = PQprepare(db, statements[i][0], statements[i][1], 0, NULL);

		if (PQresultStatus(made) != PGRES_COMMAND_OK)
			fail(statements[i][0], PQerrorMessage(db));
		PQclear(made);
	}
}

static void
start(const char *dir, const char *id)
{
	static char sh[] = "sh", option[] = "-c", command[] = "true";
	static char *const argv[] = { sh, option, command, NULL };
	static char *const envp[] = { NULL };
	char path[4096];
	int fd;
	pid_t pid;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, id);
	(void)mkdir(path, 0750);
	(void)snprintf(path, sizeof(path), "%s/%s.log", dir, id);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
	pid = vfork();
	if (pid == 0) {
		(void)setsid();
		(void)dup2(fd, STDOUT_FILENO);
		(void)dup2(fd, STDERR_FILENO);
		(void)execve("/bin/sh", argv, envp);
		_exit(127);
	}
	if (fd == -1 || pid == -1)
		fail("could not start", path);
	(void)close(fd);
}

/* Jobs that are claimed and not started, and ids of those that have ended and are not noted. */
struct batches {
	PGresult *claimed;
	int next;
	char ended[BATCH * 24];
	size_t n_ended;
};

static const char *
next_claimed(PGconn *db, struct batches *batches)
{
	if (batches->claimed == NULL || batches->next == PQntuples(batches->claimed)) {
		PQclear(batches->claimed);
		batches->claimed = run(db, "claim", NULL, PGRES_TUPLES_OK);
		batches->next = 0;
		if (PQntuples(batches->claimed) == 0)
			return NULL;
	}
	return PQgetvalue(batches->claimed, batches->next++, 0);
}

static void
flush(PGconn *db, struct batches *batches)
{
	(void)strcat(batches->ended, "}");
	PQclear(run(db, "finish", batches->ended, PGRES_COMMAND_OK));
	batches->n_ended = 0;
}

static void
note_end(PGconn *db, struct batches *batches, long id)
{
	size_t len = batches->n_ended == 0 ? 0 : strlen(batches->ended);

	(void)snprintf(batches->ended + len, sizeof(batches->ended) - len, "%s%ld",
		       len == 0 ? "{" : ",", id);
	if (++batches->n_ended == BATCH)
		flush(db, batches);
}

static double
seconds_of(int who)
{
	struct rusage usage;

	(void)getrusage(who, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* Processor time of another process, to a clock tick: fields 14 and 15 of its stat. */
static double
seconds_of_process(int pid)
{
	unsigned long user = 0, system = 0;
	char path[64];
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (file == NULL ||
	    fscanf(file, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
		   &system) != 2)
		fail("no processor time of", path);
	(void)fclose(file);
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

int
main(int argc, char **argv)
{
	long jobs = argc == 5 ? strtol(argv[2], NULL, 10) : 0;
	long in_flight = argc == 5 ? strtol(argv[3], NULL, 10) : 0;
	struct batches batches = { NULL, 0, "", 0 };
	long running = 0, ended = 0;
	double begin;
	PGconn *db;

	if (jobs < 1 || in_flight < 1)
		fail("usage", "runner_floor CONNINFO JOBS IN_FLIGHT DIR");
	db = PQconnectdb(argv[1]);
	if (PQstatus(db) != CONNECTION_OK)
		fail("no database", PQerrorMessage(db));
	prepare(db);
	PQclear(run(db, "fill", argv[2], PGRES_COMMAND_OK));
	begin = now_s();
	for (const char *id = "";;) {
		while (id != NULL && running < in_flight &&
		       (id = next_claimed(db, &batches)) != NULL) {
			start(argv[4], id);
			running++;
		}
		if (running == 0)
			break;
		if (waitpid(-1, NULL, 0) == -1 && errno != EINTR)
			fail("wait", strerror(errno));
		running--;
		note_end(db, &batches, ++ended);
	}
	if (batches.n_ended > 0)
		flush(db, &batches);
	(void)printf("%.0f %.0f\n", (double)ended / (now_s() - begin),
		     (seconds_of(RUSAGE_SELF) + seconds_of(RUSAGE_CHILDREN) +
		      seconds_of_process(PQbackendPID(db))) *
			 1e6 / (double)ended);
	PQclear(batches.claimed);
	PQfinish(db);
	return ended == jobs ? 0 : 1;
}
