/* SPDX-License-Identifier: Apache-2.0 */
/* codec/certificate_doc.c: certificates on the wire: what was issued, what is asked for, whose others' are. */
#include "codec/docs.h"
#include "model/certificate.h"

#define DOC(object, s, rows, text) const struct wire_object object = WIRE_OBJECT(s, rows, text)
#define TEXT(m, n, max, d) WIRE_ROW_TEXT(S, m, n, OPTIONAL, max, d)

#define S struct certificate
static const struct wire_field certificate_fields[] = {
	WIRE_ROW_INT64(S, id, "id", "number of the certificate"),
	WIRE_ROW_OPT_INT64(S, account_id, "accountId", 0, 0,
			   "its account; none: a node's, or the account was deleted"),
	TEXT(name, "name", 0, "the login or the node, as it was then"),
	TEXT(kind, "kind", 0, "CLIENT or NODE"),
	TEXT(serial, "serial", 0, "hexadecimal"),
	TEXT(fingerprint, "fingerprint", 0, "SHA-256, hexadecimal"),
	WIRE_ROW_DATE(S, issued, "issueDate", "when it was issued"),
	TEXT(issued_by, "issuedBy", 0, "by which account"),
	WIRE_ROW_DATE(S, expires, "expirationDate", "it is not accepted after that"),
	WIRE_ROW_DATE(S, revoked, "revocationDate", "since when it is not accepted"),
	TEXT(revoked_by, "revokedBy", 0, "by which account"),
	TEXT(reason, "reason", 0, "why"),
};
#undef S
DOC(certificate_doc, certificate, certificate_fields,
    "a certificate of the cluster's own authority");

#define S struct certificate_order
static const struct wire_field order_fields[] = {
	WIRE_ROW_OPT_INT64(S, days, "days", 1, CERTIFICATE_DAYS_MAX, "how long it lives (365)"),
	TEXT(request, "request", CERTIFICATE_REQUEST_BYTES_MAX,
	     "certificate signing request, PEM; of it only the key counts; none: we make a key"),
	WIRE_ROW_OPT_INT64(S, replaces, "replaces", 1, INT64_MAX,
			   "number of one of the same account that is revoked with it"),
};
#undef S
DOC(certificate_order_doc, certificate_order, order_fields, "a wish for a client certificate");

#define S struct certificate_issued
static const struct wire_field issued_fields[] = {
	WIRE_ROW_INT64(S, id, "id", "number of the certificate"),
	TEXT(login, "login", 0, "whose it is"),
	TEXT(serial, "serial", 0, "hexadecimal"),
	TEXT(fingerprint, "fingerprint", 0, "SHA-256, hexadecimal"),
	WIRE_ROW_DATE(S, expires, "expirationDate", "it is not accepted after that"),
	TEXT(certificate, "certificate", 0, "PEM"),
	TEXT(private_key, "privateKey", 0,
	     "PEM, told this once; none when a request brought its own"),
	TEXT(authority, "authority", 0, "the authority's certificate, PEM"),
};
#undef S
DOC(certificate_issued_doc, certificate_issued, issued_fields, "a client certificate, fresh");

#define S struct certificate_mapping
static const struct wire_field mapping_fields[] = {
	WIRE_ROW_INT64(S, id, "id", "number of the mapping"),
	WIRE_ROW_OPT_INT64(S, account_id, "accountId", 1, INT64_MAX, "which account is meant"),
	TEXT(login, "login", 0, "of that account; not read"),
	TEXT(form, "form", 20, "FINGERPRINT, SERIAL or SAN"),
	TEXT(issuer, "issuer", 1000, "only certificates of that issuer (RFC 2253)"),
	TEXT(value, "value", 500,
	     "SHA-256 fingerprint, serial number, or DNS:, email:, URI:, IP:, UPN: and a name"),
	TEXT(description, "description", 254, "free text"),
};
#undef S
DOC(certificate_mapping_doc, certificate_mapping, mapping_fields,
    "which account a certificate of another authority means");
