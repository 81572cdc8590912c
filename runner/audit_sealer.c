/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/audit_sealer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"
#include "conf/password_file.h"
#include "crypto/random_token.h"
#include "runner/runner.h"
#include "store/audit_seal_store.h"

#define BETWEEN_MS 10
#define CHORES_MS 3600000
#define RETRY_MS 5000
#define ANCHOR_MAX 128

static void seal_next(struct audit_sealer *sealer);

static bool
may_work(const struct audit_sealer *sealer)
{
	const struct runner *runner = sealer->runner;

	return runner->session.state == SESSION_ACTIVE && runner->stop == STOP_NONE;
}

static void
look_in(struct audit_sealer *sealer, int64_t ms)
{
	sealer->asking = false;
	sealer->timer.due_ms = clock_mono_ms() + ms;
}

/* True: the statement failed, it was said, and what it was for is tried again later. */
static bool
failed(struct audit_sealer *sealer, const struct db_result *rows, const struct err *err)
{
	if (rows != NULL)
		return false;
	log_warn("audit_seal_failed", "reason=\"%s\"", err->text);
	look_in(sealer, RETRY_MS);
	return true;
}

/* --- the anchor --- */

static void
anchor_read(struct audit_sealer *sealer)
{
	struct buf text = BUF_INIT(ANCHOR_MAX);
	struct err ignored = ERR_INIT;

	memset(&sealer->anchor, 0, sizeof(sealer->anchor));
	if (fd_read_file(sealer->anchor_path, &text, &ignored) == 0)
		audit_anchor_parse(buf_text(&text), &sealer->anchor);
	buf_free(&text);
}

/* Not synced: one that a power failure takes back says less, but nothing that is wrong. */
static void
anchor_write(const struct audit_sealer *sealer)
{
	char *fresh = str_printf("%s.new", sealer->anchor_path);
	char text[ANCHOR_MAX];
	int len =
	    snprintf(text, sizeof(text), "%" PRId64 " %s\n", sealer->anchor.no, sealer->anchor.mac);
	int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool written = fd != -1 && fd_write_all(fd, text, (size_t)len) == 0;

	fd_close(&fd);
	if (!written || rename(fresh, sealer->anchor_path) == -1)
		log_warn("audit_anchor_failed", "reason=\"%s\"", strerror(errno));
	free(fresh);
}

static void
complain(struct audit_sealer *sealer, const char *why)
{
	sealer->broken = true;
	log_error("audit_trail_broken",
		  "seal=%" PRId64 " reason=\"%s\" note=\"see jqm audit verify; then remove %s\"",
		  sealer->anchor.no, why, sealer->anchor_path);
}

/* --- sealing --- */

static void
signed_it(void *arg, const struct db_result *rows, const struct err *err)
{
	struct audit_sealer *sealer = arg;

	if (failed(sealer, rows, err))
		return;
	if (!audit_seal_is_ours(rows)) {
		log_info("audit_seal_not_ours",
			 "seal=%" PRId64 " note=\"another node has signed it\"",
			 sealer->signing_no);
		sealer->sealed -= sealer->signing_rows;
		look_in(sealer, RETRY_MS);
		return;
	}
	if (!sealer->broken) {
		sealer->anchor.no = sealer->signing_no;
		memcpy(sealer->anchor.mac, sealer->signing_mac, sizeof(sealer->anchor.mac));
		anchor_write(sealer);
	}
	if (!sealer->more) {
		log_info("audit_sealed", "seal=%" PRId64 " rows=%" PRId64, sealer->signing_no,
			 sealer->sealed);
		sealer->sealed = 0;
	}
	look_in(sealer, sealer->more ? BETWEEN_MS : sealer->runner->config.audit_seal_s * 1000);
}

static void
sign(struct audit_sealer *sealer, struct audit_seal *seal)
{
	struct buf text = BUF_INIT(AUDIT_SEAL_TEXT_MAX);

	audit_seal_text(&text, seal);
	if (text.failed || audit_key_sign(sealer->runner->config.audit_key, buf_text(&text),
					  sealer->signing_mac) == -1) {
		log_error("audit_seal_failed", "seal=%" PRId64 " reason=\"it cannot be signed\"",
			  seal->no);
		look_in(sealer, RETRY_MS);
	} else {
		sealer->signing_no = seal->no;
		sealer->signing_rows = seal->rows;
		seal->key_id = sealer->key_id;
		seal->mac = sealer->signing_mac;
		audit_seal_sign_send(sealer->runner->db, seal, signed_it, sealer);
	}
	buf_free(&text);
}

static void
have_next(void *arg, const struct db_result *rows, const struct err *err)
{
	struct audit_sealer *sealer = arg;
	struct audit_seal seal;

	if (failed(sealer, rows, err))
		return;
	if (db_rows(rows) == 0) {
		look_in(sealer, sealer->runner->config.audit_seal_s * 1000);
		return;
	}
	audit_seal_read(rows, 0, &seal);
	if (!sealer->broken && sealer->anchor.no != 0) {
		if (seal.no <= sealer->anchor.no)
			complain(sealer, "the database has fewer seals than this node has signed");
		else if (seal.no == sealer->anchor.no + 1 &&
			 strcmp(seal.previous, sealer->anchor.mac) != 0)
			complain(sealer,
				 "the seal in the database is not the one this node has signed");
	}
	sealer->more = seal.rows >= AUDIT_SEAL_ROWS;
	sealer->sealed += seal.rows;
	sign(sealer, &seal);
}

static void
seal_next(struct audit_sealer *sealer)
{
	audit_seal_next_send(sealer->runner->db, AUDIT_SEAL_ROWS, have_next, sealer);
}

/* --- each hour: partitions, the anchor, old rows --- */

static void
purged(void *arg, const struct db_result *rows, const struct err *err)
{
	struct audit_sealer *sealer = arg;

	/* Readers may be in the way: the next hour will do. */
	if (rows == NULL)
		log_info("audit_purge_failed", "reason=\"%s\"", err->text);
	else
		log_info("audit_purged", "rows=%" PRId64, db_int64(rows, 0, 0));
	seal_next(sealer);
}

/* Only what the key's owner said of its own age counts: the database may say anything. */
static bool
is_old(const struct audit_sealer *sealer, const struct audit_seal *seal)
{
	const struct runner_config *config = &sealer->runner->config;
	struct buf text = BUF_INIT(AUDIT_SEAL_TEXT_MAX);
	bool old;

	audit_seal_text(&text, seal);
	old = !text.failed && seal->mac != NULL &&
	      audit_key_verify(config->audit_key, buf_text(&text), seal->mac) == 1 &&
	      seal->sealed_us <= clock_wall_us() - config->audit_keep_s * 1000000;
	buf_free(&text);
	return old;
}

static void
have_purgeable(void *arg, const struct db_result *rows, const struct err *err)
{
	struct audit_sealer *sealer = arg;
	struct buf text = BUF_INIT(AUDIT_SEAL_TEXT_MAX);
	char mac[AUDIT_MAC_SIZE];
	struct audit_floor floor;
	struct audit_seal seal;

	if (failed(sealer, rows, err))
		return;
	if (db_rows(rows) == 0) {
		seal_next(sealer);
		return;
	}
	audit_seal_read(rows, 0, &seal);
	floor = (struct audit_floor){ .no = seal.no,
				      .seal_mac = seal.mac,
				      .purged_us = clock_wall_us(),
				      .key_id = sealer->key_id,
				      .mac = mac };
	audit_floor_text(&text, &floor);
	if (is_old(sealer, &seal) && !text.failed &&
	    audit_key_sign(sealer->runner->config.audit_key, buf_text(&text), mac) == 0)
		audit_purge_send(sealer->runner->db, &floor, purged, sealer);
	else
		seal_next(sealer);
	buf_free(&text);
}

static void
look_for_old(struct audit_sealer *sealer)
{
	if (sealer->runner->config.audit_keep_s > 0 && !sealer->broken)
		audit_purgeable_send(sealer->runner->db, sealer->runner->config.audit_keep_s,
				     have_purgeable, sealer);
	else
		seal_next(sealer);
}

/* Was it purged by somebody who has the key? */
static bool
is_below_floor(const struct audit_sealer *sealer, const struct audit_floor *floor)
{
	struct buf text = BUF_INIT(AUDIT_SEAL_TEXT_MAX);
	bool below;

	if (floor->no < sealer->anchor.no)
		return false;
	audit_floor_text(&text, floor);
	below =
	    audit_key_verify(sealer->runner->config.audit_key, buf_text(&text), floor->mac) == 1;
	buf_free(&text);
	return below;
}

static void
have_anchor(void *arg, const struct db_result *rows, const struct err *err)
{
	struct audit_sealer *sealer = arg;
	struct audit_floor floor;
	const char *mac;

	if (failed(sealer, rows, err))
		return;
	audit_anchor_read(rows, &mac, &floor);
	sealer->broken = false;
	if (mac == NULL && !is_below_floor(sealer, &floor))
		complain(sealer, "the database does not know a seal this node has signed");
	else if (mac != NULL && strcmp(mac, sealer->anchor.mac) != 0)
		complain(sealer, "the seal in the database is not the one this node has signed");
	look_for_old(sealer);
}

static void
extended(void *arg, const struct db_result *rows, const struct err *err)
{
	struct audit_sealer *sealer = arg;

	if (failed(sealer, rows, err))
		return;
	sealer->chores_due_ms = clock_mono_ms() + CHORES_MS;
	anchor_read(sealer);
	if (sealer->anchor.no != 0)
		audit_anchor_send(sealer->runner->db, sealer->anchor.no, have_anchor, sealer);
	else
		look_for_old(sealer);
}

static void
look(void *arg, int64_t now_ms)
{
	struct audit_sealer *sealer = arg;

	if (sealer->asking || !may_work(sealer))
		return;
	sealer->asking = true;
	if (now_ms >= sealer->chores_due_ms)
		audit_extend_send(sealer->runner->db, extended, sealer);
	else
		seal_next(sealer);
}

void
audit_sealer_begin(struct audit_sealer *sealer)
{
	if (!sealer->asking)
		look_in(sealer, 0);
}

void
audit_sealer_init(struct audit_sealer *sealer, struct runner *runner, const char *state_dir)
{
	memset(sealer, 0, sizeof(*sealer));
	sealer->runner = runner;
	sealer->anchor_path = str_printf("%s/audit-anchor", state_dir);
	(void)audit_key_id(runner->config.audit_key, sealer->key_id);
	sealer->timer = (struct event_timer){ .due_ms = EVENT_NEVER_MS, .fn = look, .arg = sealer };
	event_loop_add_timer(&runner->loop, &sealer->timer);
}

void
audit_sealer_free(struct audit_sealer *sealer)
{
	free(sealer->anchor_path);
}

/* Made for good: whoever has the trail checked needs it as long as there are seals by it. */
static int
make_key(const char *path, struct err *err)
{
	char key[AUDIT_KEY_CHARS + 2];
	int rc;

	if (random_text(key, AUDIT_KEY_CHARS) == -1)
		return err_set(err, ERR_INTERNAL, "could not make a key for the audit trail");
	key[AUDIT_KEY_CHARS] = '\n';
	rc = fd_write_file(path, 0600, key, AUDIT_KEY_CHARS + 1, err);
	explicit_bzero(key, sizeof(key));
	return rc;
}

static char *
read_key(const char *file, struct err *err)
{
	char *key = password_file_read(file, err);

	if (key != NULL && strlen(key) < AUDIT_KEY_CHARS_MIN) {
		(void)err_set(err, ERR_INVALID,
			      "the key of the audit trail in \"%s\" has less than %d characters",
			      file, AUDIT_KEY_CHARS_MIN);
		str_forget(key);
		key = NULL;
	}
	return key;
}

char *
audit_sealer_key(const char *path, const char *state_dir, struct err *err)
{
	char *own = path == NULL ? str_printf("%s/audit.key", state_dir) : NULL;
	const char *file = path == NULL ? own : path;
	char *key = NULL;

	if (path != NULL || access(file, F_OK) == 0 || make_key(file, err) == 0)
		key = read_key(file, err);
	free(own);
	return key;
}

int
audit_sealer_check_key(const char *path, const char *state_dir, struct err *err)
{
	char *own = path == NULL ? str_printf("%s/audit.key", state_dir) : NULL;
	char *key = read_key(path == NULL ? own : path, err);
	int rc = key == NULL && (path != NULL || err->kind != ERR_NOT_FOUND) ? -1 : 0;

	if (rc == 0)
		err_clear(err);
	if (key != NULL)
		str_forget(key);
	free(own);
	return rc;
}
