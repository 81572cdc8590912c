/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/slot_table.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"

#define TABLE_MAGIC "JQMKEEP1"
#define TABLE_VERSION 3
#define HEADER_BYTES 4096

struct table_header {
	char magic[8]; /* written last: without it the file was never finished */
	uint32_t version;
	uint32_t record_size;
	char id[TABLE_ID_SIZE];
	char boot_id[BOOT_ID_SIZE];
};

_Static_assert(sizeof(struct table_header) <= HEADER_BYTES, "header fits its page");
_Static_assert(sizeof(struct slot) % 8 == 0, "slots stay aligned");

enum slot_state
slot_state(const struct slot *slot)
{
	return (enum slot_state)atomic_load_explicit(&slot->state, memory_order_acquire);
}

void
slot_set_state(struct slot *slot, enum slot_state state)
{
	atomic_store_explicit(&slot->state, (uint32_t)state, memory_order_release);
}

void
slot_tag(const struct slot_table *table, const struct slot *slot, char out[SLOT_TAG_SIZE])
{
	(void)snprintf(out, SLOT_TAG_SIZE, SLOT_TAG_NAME "=%s.%" PRId64 ".%" PRId32, table->id,
		       slot->job_id, slot->attempt);
}

void
slot_group(const struct slot_table *table, const struct slot *slot, char out[SLOT_GROUP_SIZE])
{
	(void)snprintf(out, SLOT_GROUP_SIZE, "jqm-%s-%" PRId64 "-%" PRId32, table->id, slot->job_id,
		       slot->attempt);
}

static void
boot_id_read(char out[BOOT_ID_SIZE])
{
	struct buf text = BUF_INIT(256);
	struct err ignored = ERR_INIT;

	memset(out, 0, BOOT_ID_SIZE);
	if (fd_read_file("/proc/sys/kernel/random/boot_id", &text, &ignored) == 0 &&
	    text.data != NULL)
		(void)str_copy(out, BOOT_ID_SIZE, str_trim(text.data));
	buf_free(&text);
}

static uint32_t
slots_in_file(off_t size)
{
	off_t count = size < HEADER_BYTES ? 0 : (size - HEADER_BYTES) / (off_t)sizeof(struct slot);

	return count > SLOT_COUNT_MAX ? SLOT_COUNT_MAX : (uint32_t)count;
}

/* Is this a table we can read?  0, or -1 with ERR_INVALID. */
static int
header_check(const struct table_header *header, const char *path, struct err *err)
{
	if (memcmp(header->magic, TABLE_MAGIC, sizeof(header->magic)) != 0)
		return err_set(err, ERR_INVALID, "file \"%s\" is not a keeper's table", path);
	if (header->version != TABLE_VERSION || header->record_size != sizeof(struct slot))
		return err_set(err, ERR_INVALID,
			       "table \"%s\" has version %u with records of %u bytes, this keeper "
			       "knows version %d with %zu",
			       path, header->version, header->record_size, TABLE_VERSION,
			       sizeof(struct slot));
	return 0;
}

static int
header_make(struct table_header *header, struct err *err)
{
	unsigned char random[(TABLE_ID_SIZE - 1) / 2];

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return err_errno(err, ERR_INTERNAL, "could not get random bytes");
	str_hex(header->id, random, sizeof(random));
	header->version = TABLE_VERSION;
	header->record_size = sizeof(struct slot);
	boot_id_read(header->boot_id);
	atomic_thread_fence(memory_order_release);
	memcpy(header->magic, TABLE_MAGIC, sizeof(header->magic));
	return 0;
}

/* An empty file, or one whose making was interrupted: no magic yet. */
static bool
header_is_blank(const struct table_header *header)
{
	static const char zeros[sizeof(header->magic)];

	return memcmp(header->magic, zeros, sizeof(zeros)) == 0;
}

/* Open and lock the file; its size before we touch it goes to *st. */
static int
file_open(int *fd, const char *path, struct stat *st, struct err *err)
{
	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (*fd == -1)
		return err_errno(err, ERR_INTERNAL, "could not open table \"%s\"", path);
	if (flock(*fd, LOCK_EX | LOCK_NB) == -1)
		return errno == EWOULDBLOCK
			   ? err_set(err, ERR_CONFLICT, "another keeper holds table \"%s\"", path)
			   : err_errno(err, ERR_INTERNAL, "could not lock table \"%s\"", path);
	/* Only now: until it is ours another keeper may make it grow. */
	if (fstat(*fd, st) == -1)
		return err_errno(err, ERR_INTERNAL, "could not look at table \"%s\"", path);
	if (!S_ISREG(st->st_mode))
		return err_set(err, ERR_INVALID, "table \"%s\" is not a regular file", path);
	return 0;
}

static int
file_map(struct slot_table *table, const char *path, off_t old_size, uint32_t slots,
	 struct err *err)
{
	size_t bytes;
	void *at;
	int rc;

	table->count = slots_in_file(old_size);
	if (table->count < slots)
		table->count = slots;
	bytes = HEADER_BYTES + table->count * sizeof(struct slot);
	/* Real blocks, so that a full file system cannot strike at a later store. */
	if ((rc = posix_fallocate(table->fd, 0, (off_t)bytes)) != 0) {
		errno = rc;
		return err_errno(err, ERR_INTERNAL, "could not make room for table \"%s\"", path);
	}
	at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, table->fd, 0);
	if (at == MAP_FAILED)
		return err_errno(err, ERR_INTERNAL, "could not map table \"%s\"", path);
	table->header = at;
	table->slots = (struct slot *)(void *)((char *)at + HEADER_BYTES);
	table->limit = slots;
	return 0;
}

/* Before a foreign file is grown or written: does its own header say it is a table? */
static int
file_check(int fd, const char *path, off_t size, struct err *err)
{
	struct table_header header = { 0 };

	if (size == 0)
		return 0;
	if (pread(fd, &header, sizeof(header), 0) != (ssize_t)sizeof(header))
		return err_set(err, ERR_INVALID, "file \"%s\" is not a keeper's table", path);
	if (header_is_blank(&header) && size >= HEADER_BYTES)
		return 0;
	return header_check(&header, path, err);
}

int
slot_table_open(struct slot_table *table, const char *path, uint32_t slots, struct err *err)
{
	struct stat st = { 0 };
	char boot_id[BOOT_ID_SIZE];

	if (file_open(&table->fd, path, &st, err) == -1 ||
	    file_check(table->fd, path, st.st_size, err) == -1 ||
	    file_map(table, path, st.st_size, slots, err) == -1 ||
	    (header_is_blank(table->header) && header_make(table->header, err) == -1)) {
		slot_table_close(table);
		return -1;
	}
	memcpy(table->id, table->header->id, sizeof(table->id));
	table->id[TABLE_ID_SIZE - 1] = '\0';
	boot_id_read(boot_id);
	table->same_boot = memcmp(boot_id, table->header->boot_id, sizeof(boot_id)) == 0;
	return 0;
}

int
slot_table_check(const char *path, uint32_t *used_out, uint32_t *count_out, struct err *err)
{
	struct table_header header = { 0 };
	struct slot slot;
	struct stat st;
	uint32_t used = 0;
	int rc = -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd == -1 || fstat(fd, &st) == -1) {
		(void)err_errno(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_INTERNAL,
				"could not open table \"%s\"", path);
		goto cleanup;
	}
	if (pread(fd, &header, sizeof(header), 0) != (ssize_t)sizeof(header)) {
		(void)err_set(err, ERR_INVALID, "file \"%s\" is not a keeper's table", path);
		goto cleanup;
	}
	if (header_check(&header, path, err) == -1)
		goto cleanup;
	*count_out = slots_in_file(st.st_size);
	for (uint32_t i = 0; i < *count_out; i++) {
		off_t at = HEADER_BYTES + (off_t)(i * sizeof(slot));

		if (pread(fd, &slot, sizeof(slot), at) == (ssize_t)sizeof(slot))
			used += slot_state(&slot) != SLOT_FREE;
	}
	*used_out = used;
	rc = 0;

cleanup:
	fd_close(&fd);
	return rc;
}

void
slot_table_adopt(struct slot_table *table)
{
	boot_id_read(table->header->boot_id);
	table->same_boot = true;
}

void
slot_table_close(struct slot_table *table)
{
	if (table->header != NULL)
		(void)munmap(table->header, HEADER_BYTES + table->count * sizeof(struct slot));
	table->header = NULL;
	table->slots = NULL;
	fd_close(&table->fd);
}
