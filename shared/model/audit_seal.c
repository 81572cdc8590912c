/* SPDX-License-Identifier: Apache-2.0 */
#include "model/audit_seal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/num.h"

void
audit_anchor_parse(const char *text, struct audit_anchor *out)
{
	char number[24];
	size_t digits = strcspn(text, " ");
	const char *mac = text + digits + (text[digits] == ' ');
	size_t mac_len = strspn(mac, "0123456789abcdef");

	memset(out, 0, sizeof(*out));
	if (digits >= sizeof(number) || mac_len != sizeof(out->mac) - 1)
		return;
	(void)snprintf(number, sizeof(number), "%.*s", (int)digits, text);
	(void)snprintf(out->mac, sizeof(out->mac), "%.*s", (int)mac_len, mac);
	if (num_int64(number, 1, INT64_MAX, &out->no) == -1)
		out->no = 0;
}

void
audit_seal_text(struct buf *out, const struct audit_seal *seal)
{
	buf_printf(out,
		   "jqm-audit-seal-1\n%" PRId64 "\n%" PRId64 "\n%" PRId64 "\n%" PRId64
		   "\n%s\n%" PRId64 "\n%s\n",
		   seal->no, seal->to_tx, seal->to_id, seal->rows, seal->digest, seal->sealed_us,
		   seal->previous);
}

void
audit_floor_text(struct buf *out, const struct audit_floor *floor)
{
	buf_printf(out, "jqm-audit-floor-1\n%" PRId64 "\n%s\n%" PRId64 "\n", floor->no,
		   floor->seal_mac, floor->purged_us);
}
