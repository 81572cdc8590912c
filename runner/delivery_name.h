/* SPDX-License-Identifier: Apache-2.0 */
/* runner/delivery_name.h: names of delivered files: what we show, and what we call them on disk. */
#ifndef RUNNER_DELIVERY_NAME_H
#define RUNNER_DELIVERY_NAME_H

#define DELIVERY_EXT_MAX 16
#define DELIVERY_SHOWN_MAX 255 /* characters */

/*
 * The name as users see it: valid UTF-8 without control characters, at most 255 characters; other
 * bytes appear as \xNN.  Fresh memory.
 */
char *delivery_name_shown(const char *name);

/* ".pdf" of "a.pdf" when what follows the last dot is 1 to 16 of [A-Za-z0-9]; else "". */
void delivery_name_ext(const char *name, char out[DELIVERY_EXT_MAX + 2]);

/*
 * A definition's name as the name of a directory: bytes outside [A-Za-z0-9._-] and a leading dot
 * become _, at most 100.  Different definitions may share one: below it, jobs have their ids.
 */
#define DELIVERY_DIR_SIZE 101
void delivery_name_dir(const char *definition_name, char out[DELIVERY_DIR_SIZE]);

#endif
