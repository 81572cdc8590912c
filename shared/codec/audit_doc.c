/* SPDX-License-Identifier: Apache-2.0 */
/* codec/audit_doc.c: the audit trail on the wire: rows, pages, the state of its seal, seals as exports have them. */
#include "codec/docs.h"
#include "model/audit.h"
#include "model/audit_seal.h"

#define DOC(doc, s, rows, d)                                    \
	doc = { .name = #s,                                     \
		.size = sizeof(struct s),                       \
		.fields = (rows),                               \
		.fields_len = sizeof(rows) / sizeof((rows)[0]), \
		.description = (d) }

static const struct wire_field change_fields[] = {
	WIRE_ROW_TEXT(struct audit_change, field, "field", ALWAYS, 0,
		      "what of the object; parameters.KEY of a parameter"),
	WIRE_ROW_TEXT(struct audit_change, before, "before", OPTIONAL, 0, "its value before"),
	WIRE_ROW_TEXT(struct audit_change, after, "after", OPTIONAL, 0, "its value now"),
};
static const struct wire_object DOC(change_doc, audit_change, change_fields,
				    "what was changed; values of secrets are not told");

static const struct wire_field entry_fields[] = {
	WIRE_ROW_INT64(struct audit_entry, id, "id", "number of the row"),
	WIRE_ROW_INT64(struct audit_entry, tx, "tx", "number of the transaction it was made in"),
	WIRE_ROW_TEXT(struct audit_entry, at, "at", ALWAYS, 0,
		      "when, by the database's clock: RFC 3339, UTC"),
	WIRE_ROW_TEXT(struct audit_entry, action, "action", ALWAYS, 0,
		      "what was done: enqueue, kill, create, update, delete, login, ..."),
	WIRE_ROW_TEXT(struct audit_entry, kind, "kind", ALWAYS, 0,
		      "of the object: job, or as in paths of the admin API"),
	WIRE_ROW_OPT_INT64(struct audit_entry, object, "object", 0, INT64_MAX,
			   "number of the object"),
	WIRE_ROW_TEXT(struct audit_entry, name, "name", OPTIONAL, 0, "its name then"),
	WIRE_ROW_TEXT(struct audit_entry, account, "account", OPTIONAL, 0,
		      "login of who did it; null: no caller of the web API that logged in"),
	WIRE_ROW_TEXT(struct audit_entry, credential, "credential", OPTIONAL, 0,
		      "password, session, certificate, token (of a job), link, open (no login "
		      "asked), or database "
		      "(a session of the database itself)"),
	WIRE_ROW_TEXT(struct audit_entry, address, "address", OPTIONAL, 0, "where from"),
	WIRE_ROW_TEXT(struct audit_entry, request, "request", OPTIONAL, 0,
		      "id of the request, as in the logs of nginx and jqm-fcgi"),
	WIRE_ROW_TEXT(struct audit_entry, program, "program", OPTIONAL, 0,
		      "what a session of the database calls itself"),
	WIRE_ROW_TEXT(struct audit_entry, database_user, "databaseUser", ALWAYS, 0,
		      "role of the database session; jqm_api for the web API"),
	WIRE_ROW_OBJECT_LIST(struct audit_entry, changes, "changes", "change",
			     struct audit_change_list, &change_doc,
			     "what it changed, or more of it"),
};
const struct wire_object DOC(audit_entry_doc, audit_entry, entry_fields,
			     "a row of the audit trail");

static const struct wire_field page_fields[] = {
	WIRE_ROW_OBJECT_LIST(struct audit_page, entries, "entries", "entry",
			     struct audit_entry_list, &audit_entry_doc, "newest first"),
	WIRE_ROW_TEXT(struct audit_page, next, "next", OPTIONAL, 0,
		      "value of before for what is older; null: there is nothing. A page may hold "
		      "fewer rows than asked for, even none, and yet have a next one"),
};
const struct wire_object DOC(audit_page_doc, audit_page, page_fields,
			     "rows of the audit trail that fit");

static const struct wire_field state_fields[] = {
	WIRE_ROW_INT64(struct audit_state, seals, "seals", "number of the newest seal; 0: none"),
	WIRE_ROW_DATE(struct audit_state, sealed_at, "sealedAt", "when that was made"),
	WIRE_ROW_INT64(struct audit_state, first_seal, "firstSeal",
		       "number of the oldest seal that is kept"),
	WIRE_ROW_INT64(struct audit_state, purged, "purged", "rows that have been purged"),
	WIRE_ROW_INT64(struct audit_state, unsealed, "unsealed",
		       "rows that are not sealed yet; counted up to 100000"),
	WIRE_ROW_DATE(struct audit_state, unsealed_since, "unsealedSince",
		      "when the oldest of these was made"),
	WIRE_ROW_TEXT_LIST(struct audit_state, blind, "blind", "table", 0,
			   "tables whose triggers are missing or off: changes there leave no row"),
};
const struct wire_object DOC(audit_state_doc, audit_state, state_fields,
			     "how far the audit trail is sealed");

static const struct wire_field seal_fields[] = {
	WIRE_ROW_INT64(struct audit_seal_line, seal.no, "seal", "its number"),
	WIRE_ROW_INT64(struct audit_seal_line, seal.to_tx, "toTx", "its last row's transaction"),
	WIRE_ROW_INT64(struct audit_seal_line, seal.to_id, "toId", "its last row's number"),
	WIRE_ROW_INT64(struct audit_seal_line, seal.rows, "rows", "how many"),
	WIRE_ROW_TEXT(struct audit_seal_line, seal.digest, "digest", ALWAYS, 0, "of its rows"),
	WIRE_ROW_INT64(struct audit_seal_line, seal.sealed_us, "sealedAt",
		       "microseconds since 1970"),
	WIRE_ROW_TEXT(struct audit_seal_line, seal.previous, "previous", ALWAYS, 0,
		      "mac of the seal before it"),
	WIRE_ROW_TEXT(struct audit_seal_line, seal.key_id, "key", ALWAYS, 0, "which key signed it"),
	WIRE_ROW_TEXT(struct audit_seal_line, seal.mac, "mac", ALWAYS, 0, "its signature"),
	WIRE_ROW_TEXT(struct audit_seal_line, ids, "ids", ALWAYS, 0,
		      "numbers of its rows, as ranges"),
	WIRE_ROW_TEXT(struct audit_seal_line, marks, "marks", ALWAYS, 0,
		      "the first four bytes of each row's SHA-256, by number"),
};
const struct wire_object DOC(audit_seal_doc, audit_seal_line, seal_fields,
			     "a seal of the audit trail");

static const struct wire_field floor_fields[] = {
	WIRE_ROW_INT64(struct audit_floor, no, "floor", "up to this seal rows have been purged"),
	WIRE_ROW_TEXT(struct audit_floor, seal_mac, "sealMac", ALWAYS, 0, "its signature"),
	WIRE_ROW_INT64(struct audit_floor, purged_us, "purgedAt", "microseconds since 1970"),
	WIRE_ROW_TEXT(struct audit_floor, key_id, "key", ALWAYS, 0, "which key signed it"),
	WIRE_ROW_TEXT(struct audit_floor, mac, "mac", ALWAYS, 0, "the signature of all this"),
};
const struct wire_object DOC(audit_floor_doc, audit_floor, floor_fields,
			     "what was purged from the audit trail");
