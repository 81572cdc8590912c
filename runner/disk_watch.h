/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner/disk_watch.h: how much running jobs have written into their two directories; who is over
 * the limit is killed.
 *
 * The runs are looked at one after the other, each about once a second, a bounded number of entries
 * at a time.  A guard against accidents: what is deeper than 32 directories is not counted, a file
 * with several names counts once for each.
 */
#ifndef RUNNER_DISK_WATCH_H
#define RUNNER_DISK_WATCH_H

struct disk_watch;
struct runner;

struct disk_watch *disk_watch_new(struct runner *runner);
void disk_watch_free(struct disk_watch *watch);

/* Look on, up to a fixed number of entries.  Wants to be called every 50 ms or so. */
void disk_watch_pass(struct disk_watch *watch);

#endif
