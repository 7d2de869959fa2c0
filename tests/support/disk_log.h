/* tests/support/disk_log.h: all that a process does to a store's files, in
 * the order in which it is done.
 *
 * A program that is linked with disk_log.c calls its functions instead of
 * libc's, and so do the libraries that it uses.  In the log's file an entry
 * is a struct disk_log_entry and so many bytes. */
#ifndef TESTS_SUPPORT_DISK_LOG_H
#define TESTS_SUPPORT_DISK_LOG_H

#include <stdint.h>

enum disk_log_op {
	DISK_LOG_WRITE = 1, /* bytes, at an offset of the data file */
	DISK_LOG_SIZE,	    /* the data file is so large from now on */
	DISK_LOG_SYNC,	    /* all before is on the disk */
	DISK_LOG_STATE,	    /* bytes: what the state file says now */
	DISK_LOG_MARK	    /* a number of the program's own */
};

struct disk_log_entry {
	uint32_t op;
	uint32_t n_bytes; /* behind it */
	uint64_t at;	  /* offset, size or number */
};

/* Records into the file fd from now on.  Any thread may write, one starts. */
void disk_log_start(int fd);
void disk_log_mark(uint64_t number);

#endif
