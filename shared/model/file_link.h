/* SPDX-License-Identifier: Apache-2.0 */
/* model/file_link.h: a link that opens one file without an account, for a time. */
#ifndef MODEL_FILE_LINK_H
#define MODEL_FILE_LINK_H

#include "model/value.h"

struct file_link {
	const char *url; /* from the root of this server on */
	struct opt_time expires_at;
};

#endif
