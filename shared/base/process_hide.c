/* SPDX-License-Identifier: Apache-2.0 */
#include "base/process_hide.h"

#include <sys/prctl.h>

void
process_hide(void)
{
#ifndef __SANITIZE_ADDRESS__
	(void)prctl(PR_SET_DUMPABLE, 0);
#endif
}
