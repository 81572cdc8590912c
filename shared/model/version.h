/* SPDX-License-Identifier: Apache-2.0 */
/* model/version.h: which release this is, for GET /ws/admin/version and --version. */
#ifndef MODEL_VERSION_H
#define MODEL_VERSION_H

#define JQM_VERSION "0.1.0"

struct version {
	const char *maven_version; /* the name JQM's console looks for */
};

#endif
