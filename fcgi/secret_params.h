/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/secret_params.h: secret parameters are sealed before anything of them goes to the database. */
#ifndef FCGI_SECRET_PARAMS_H
#define FCGI_SECRET_PARAMS_H

struct err;
struct exchange;
struct secret_keys;
struct text_map;

/*
 * Seal the secret ones of parameters of a definition, its schedules or requests for it, in place (memory of the
 * exchange); one without a value, or with the mask, becomes "": as it is.  The keys are read anew for each request that has
 * any.  0; -1: ERR_INVALID (no definition is named), ERR_CONFLICT (this server has no keys), ERR_BUSY (they cannot be read:
 * the log says why).
 */
int secret_params_seal(struct exchange *x, const char *definition, struct text_map *map,
		       struct err *err);

/* The keys, to be freed.  NULL: ERR_CONFLICT or ERR_BUSY, as above. */
struct secret_keys *secret_params_keys(struct exchange *x, struct err *err);

#endif
