/* SPDX-License-Identifier: Apache-2.0 */
/* db/db_tx.c: run a function in a transaction; again when the server asks for it. */
#include "db/db_private.h"

#define TX_RETRIES_MAX 3

/* End a failed transaction; the connection goes if it cannot. */
static void
rollback(struct db *db)
{
	struct err ignored = ERR_INIT;

	if (PQtransactionStatus(db->conn) != PQTRANS_IDLE &&
	    db_run_sql(db, "ROLLBACK", &ignored) == -1)
		db_disconnect(db);
}

/* COMMIT.  From here on a lost connection means doubt. */
static int
commit(struct db *db, struct err *err)
{
	if (PQtransactionStatus(db->conn) == PQTRANS_INERROR)
		return err_set(err, ERR_INTERNAL,
			       "a failed statement of the transaction was overlooked");
	if (db_connect(db, err) == -1)
		return -1;
	db->in_tx = false; /* a lost answer to COMMIT leaves doubt, unlike all before it */
	if (db_run_sql(db, "COMMIT", err) == -1)
		return err_prefix(err, "could not commit");
	return 0;
}

static int
tx_once(struct db *db, const char *begin, int (*fn)(struct db *db, void *arg, struct err *err),
	void *arg, struct err *err)
{
	int rc = -1;

	db->tx_retry = false;
	if (db_connect(db, err) == -1 || db_exec_sql(db, begin, err) == -1) {
		if (err->kind == ERR_UNCERTAIN)
			err->kind = ERR_BUSY; /* an empty transaction changes nothing */
		return -1;
	}
	db->in_tx = true;
	if (fn(db, arg, err) == 0)
		rc = commit(db, err);
	if (rc == -1)
		rollback(db);
	db->in_tx = false;
	return rc;
}

static int
tx(struct db *db, const char *begin, int (*fn)(struct db *db, void *arg, struct err *err),
   void *arg, struct err *err)
{
	if (db->in_tx)
		return fn(db, arg, err);
	for (int run = 0; run <= TX_RETRIES_MAX; run++) {
		err_clear(err);
		if (tx_once(db, begin, fn, arg, err) == 0)
			return 0;
		if (!db->tx_retry)
			break;
	}
	return -1;
}

int
db_tx(struct db *db, int (*fn)(struct db *db, void *arg, struct err *err), void *arg,
      struct err *err)
{
	return tx(db, "BEGIN", fn, arg, err);
}

struct lone_exec {
	const struct db_stmt *stmt;
	const char *const *params;
	struct db_result *result;
};

static int
exec_in_tx(struct db *db, void *arg, struct err *err)
{
	struct lone_exec *lone = arg;

	db_result_free(lone->result);
	return db_exec(db, lone->stmt, lone->params, &lone->result, err);
}

int
db_tx_exec(struct db *db, const struct db_stmt *stmt, const char *const *params,
	   struct db_result **result_out, struct err *err)
{
	struct lone_exec lone = { stmt, params, NULL };
	int rc = db_tx(db, exec_in_tx, &lone, err);

	if (rc == 0 && result_out != NULL) {
		*result_out = lone.result;
		return 0;
	}
	db_result_free(lone.result);
	if (result_out != NULL)
		*result_out = NULL;
	return rc;
}

int
db_tx_repeatable(struct db *db, int (*fn)(struct db *db, void *arg, struct err *err), void *arg,
		 struct err *err)
{
	return tx(db, "BEGIN ISOLATION LEVEL REPEATABLE READ", fn, arg, err);
}

int
db_tx_snapshot(struct db *db, int (*fn)(struct db *db, void *arg, struct err *err), void *arg,
	       struct err *err)
{
	if (tx(db, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", fn, arg, err) == 0)
		return 0;
	if (err->kind == ERR_UNCERTAIN)
		err->kind = ERR_BUSY; /* there was nothing to lose */
	return -1;
}
