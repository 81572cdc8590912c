/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire/keeper_wire.h: what jqm-runner and jqm-keeper say to each other over a private
 * SOCK_SEQPACKET unix socket (mode 0600, base/peer_check.h says who may).
 *
 * A packet is at most KEEPER_PACKET_MAX bytes and holds one or more whole messages, each
 *	u32 length of the message (header included) | u16 type | u16 version | body
 * in host byte order (both ends are one machine, one build or neighbours).  Bodies are built and
 * read with the functions below only; a message that does not parse closes the connection.
 *
 *	runner -> keeper		keeper -> runner
 *	HELLO				WELCOME, then one SLOT per job in the table, then LIST_END
 *	START				STARTED | NOT_STARTED   (same job, attempt)
 *	SIGNAL				(nothing; the effect is an ENDED)
 *	FORGET				(nothing; the slot is free)
 *	LEASE				FIGURES (see struct keeper_lease: how long the node is ours)
 *	TAKE_BACK			(nothing; the job's directories are the keeper's own account's again, or soon)
 *	DRAIN				(keeper exits once no slot is left and no runner is connected)
 *					ENDED  (repeated to each new runner until FORGET)
 *
 * Rules: only one runner connection, the newest; the keeper discards the old connection before it
 * answers HELLO.  START of a (job, attempt) already in the table is answered with what is known
 * (STARTED or ENDED), never started again.  A slot is freed only by FORGET.
 */
#ifndef WIRE_KEEPER_WIRE_H
#define WIRE_KEEPER_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/histogram.h"

struct err;

#define KEEPER_WIRE_VERSION 5
#define KEEPER_PACKET_MAX 65536
#define KEEPER_SLOTS_DEFAULT 4096

enum keeper_msg_type {
	KEEPER_HELLO = 1,
	KEEPER_START,
	KEEPER_SIGNAL,
	KEEPER_FORGET,
	KEEPER_DRAIN,
	KEEPER_LEASE,
	KEEPER_TAKE_BACK,
	KEEPER_WELCOME = 101,
	KEEPER_SLOT,
	KEEPER_LIST_END,
	KEEPER_STARTED,
	KEEPER_NOT_STARTED,
	KEEPER_ENDED,
	KEEPER_FIGURES
};

/* Which attempt of which job, under which life of the node: every message about a job has it. */
struct keeper_job {
	int64_t job_id;
	int32_t attempt;
	int64_t incarnation; /* of the runner that ordered the start */
};

/* What a START carries.  Strings are borrowed by the encoder, owned by the decoder's arena. */
struct keeper_start {
	struct keeper_job job;
	const char *program; /* an absolute path; argv[0] may be anything */
	const char *const *argv; /* NULL-terminated */
	const char *const *envp; /* NULL-terminated, the whole environment */
	const char *cwd; /* must exist */
	const char *stdout_path; /* created 0640, truncated, O_APPEND */
	const char *stderr_path;
	int32_t nice; /* added niceness, 0 to 19 */
	int32_t umask; /* octal bits, -1: keep the keeper's */
	int64_t run_max_ms; /* 0: none; then TERM, grace, KILL with cause TIMEOUT */
	int64_t grace_ms; /* from TERM to KILL, for every kill */
	int64_t
	    log_max_bytes; /* of stdout and of stderr: the middle of a longer one goes; 0: none */
	int64_t file_max_bytes; /* RLIMIT_FSIZE; 0: none */
	/* Of the whole job; 0: none.  How they are enforced: keeper/resource_limits.h */
	int64_t memory_max_bytes;
	int64_t cpu_max_s; /* processor time */
	int64_t processes_max;
	/* 1: it may be started elsewhere once the node has lost its lease, so it must not outlive that. */
	int32_t lease_bound;
	const char *run_as; /* account of the system; "": the keeper's own */
};

/*
 * How long the node is surely ours, as far as the runner knows.  Moments of clock_mono_ms(), which is the
 * same clock for all processes of the machine.  The keeper goes by the last one it was told, whoever told
 * it; as long as it was told none, there is no end.
 */
struct keeper_lease {
	int64_t
	    end_from_ms; /* from then on no job is started, and those bound to the lease get TERM */
	int64_t kill_from_ms; /* what is left of these gets KILL */
};

/* Why the keeper itself ended a job; NONE when it ended by itself. */
enum keeper_cause {
	KEEPER_CAUSE_NONE = 0,
	KEEPER_CAUSE_ORDER, /* SIGNAL with kill */
	KEEPER_CAUSE_TIMEOUT, /* run_max_ms */
	KEEPER_CAUSE_LOG_LIMIT, /* log_max_bytes, where the file system cannot cut */
	KEEPER_CAUSE_KEEPER_DIED, /* the next keeper killed what the last one left */
	KEEPER_CAUSE_MEMORY, /* memory_max_bytes; cpu_max_s; processes_max */
	KEEPER_CAUSE_CPU,
	KEEPER_CAUSE_PROCESSES,
	KEEPER_CAUSE_LEASE /* lease_bound, and the lease was not renewed */
};

enum keeper_state { KEEPER_SLOT_LIVE = 1, KEEPER_SLOT_ENDED = 2 };

enum keeper_stream { KEEPER_STDOUT, KEEPER_STDERR, KEEPER_STREAMS };

/* What became of an output with a limit: bytes head_end to tail_start were punched out of its file. */
struct keeper_log {
	int64_t head_end, tail_start; /* equal: nothing was */
	int64_t truncated; /* how often the job was seen to shorten it itself */
};

/* STARTED, ENDED and SLOT carry the same body. */
struct keeper_report {
	struct keeper_job job;
	int32_t state; /* enum keeper_state */
	int32_t pid;
	int64_t started_us; /* wall clock, microseconds */
	int64_t ended_us; /* 0 while live */
	int32_t exit_code; /* -1 when ended by a signal or still live */
	int32_t signal; /* 0 when none */
	int32_t cause; /* enum keeper_cause */
	int32_t left; /* processes that could not be killed: 0 is what we promise */
	int64_t user_us, system_us, max_rss_kb;
	/* As ordered. */
	int64_t log_max_bytes, run_max_ms, memory_max_bytes, cpu_max_s, processes_max;
	struct keeper_log logs[KEEPER_STREAMS];
};

struct keeper_not_started {
	struct keeper_job job;
	int32_t error; /* errno */
	/* "could not execute", "could not open the output file" ...; when it begins with KEEPER_STEP_ACCOUNT, the rest
	 * is the whole reason why the job cannot run as the account it names. */
	char step[64];
};

#define KEEPER_STEP_ACCOUNT "account: "
#define KEEPER_STEP_OUTPUT "could not open the output file"
#define KEEPER_STEP_ERRORS "could not open the error file"
#define KEEPER_STEP_DIRECTORY "could not enter the working directory"

enum keeper_signal_kind {
	KEEPER_KILL = 1, /* TERM to the tree, grace_ms, then KILL to whatever is left */
	KEEPER_PAUSE, /* SIGSTOP to the tree; the clock of run_max_ms stands still */
	KEEPER_RESUME /* SIGCONT to the tree */
};

struct keeper_signal {
	struct keeper_job job;
	int32_t kind;
	int64_t grace_ms; /* for KEEPER_KILL; -1: the one of START */
};

struct keeper_welcome {
	int32_t pid;
	int32_t version;
	int32_t slots_total;
	int32_t slots_used;
	char kill_means[32]; /* "cgroup", "subreaper", "session": the strongest in force */
};

/* What the keeper has measured of itself since it was started. */
struct keeper_figures {
	struct histogram passes; /* of its loop: histogram_programs */
};

/* One decoded message. */
struct keeper_msg {
	enum keeper_msg_type type;
	union {
		struct keeper_start start;
		struct keeper_report report;
		struct keeper_not_started not_started;
		struct keeper_signal signal;
		struct keeper_job job; /* FORGET, TAKE_BACK */
		struct keeper_lease lease;
		struct keeper_welcome welcome;
		struct keeper_figures figures;
	} u;
	void *arena; /* memory behind start's strings; keeper_msg_free() */
};

/* A packet under construction; fixed size, no allocation. */
struct keeper_packet {
	size_t len;
	char data[KEEPER_PACKET_MAX];
};

/* Append msg to packet: 0; -1 ERR_TOO_LARGE when it does not fit (packet unchanged). */
int keeper_packet_add(struct keeper_packet *packet, const struct keeper_msg *msg, struct err *err);

/*
 * Decode the message at data[*offset] of len bytes and advance *offset.  1: msg filled (free it);
 * 0: end of packet; -1: malformed (ERR_INVALID) or no memory (ERR_BUSY), nothing to free.
 */
int keeper_packet_next(const char *data, size_t len, size_t *offset, struct keeper_msg *msg,
		       struct err *err);
void keeper_msg_free(struct keeper_msg *msg);

const char *keeper_cause_name(int cause); /* "order", "timeout", ... */

#endif
