/* SPDX-License-Identifier: Apache-2.0 */
#include "model/audit_seal.h"

#include <inttypes.h>

#include "base/buf.h"

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
