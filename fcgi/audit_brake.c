/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/audit_brake.h"

#include "base/clock.h"

void
audit_brake_init(struct audit_brake *brake)
{
	shared_lock_init(&brake->lock);
}

bool
audit_brake_take(struct audit_brake *brake, int64_t *left_out)
{
	int64_t now_ms = clock_mono_ms();
	bool may;

	(void)shared_lock_take(&brake->lock);
	if (brake->spent_ms < now_ms)
		brake->spent_ms = now_ms;
	may = brake->spent_ms - now_ms <= (AUDIT_BRAKE_BURST - 1) * (int64_t)AUDIT_BRAKE_REFILL_MS;
	*left_out = brake->left_out;
	if (may)
		brake->spent_ms += AUDIT_BRAKE_REFILL_MS;
	brake->left_out = may ? 0 : brake->left_out + 1;
	shared_lock_release(&brake->lock);
	return may;
}

/* FNV-1a: two texts that meet cost a row too many, or (at 2^-64) one too few. */
static uint64_t
hash(const char *text)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++)
		h = (h ^ *c) * UINT64_C(1099511628211);
	return h;
}

bool
audit_brake_is_new(struct audit_brake *brake, const char *what)
{
	int64_t now_ms = clock_mono_ms();
	uint64_t h = hash(what);
	size_t at = h % AUDIT_BRAKE_SEEN;
	bool is_new;

	(void)shared_lock_take(&brake->lock);
	is_new = brake->seen[at].what != h || brake->seen[at].until_ms <= now_ms;
	if (is_new) {
		brake->seen[at].what = h;
		brake->seen[at].until_ms = now_ms + AUDIT_BRAKE_AGAIN_MS;
	}
	shared_lock_release(&brake->lock);
	return is_new;
}
