/* tests/support/power_loss.h: what a disk holds after the power went out.
 *
 * Made of a log (disk_log.h) and a moment in it.  The model:
 *
 *  - what was written before the last sync that had returned is there;
 *  - of what was written to a page (4,096 bytes) since, the first so many
 *    writes are there, from none to all, for each page by itself: a page
 *    may have gone to the disk at any time, in any order;
 *  - the last of those may be torn: of its sectors (512 bytes) each is the
 *    new or the old one.  A sector is never mixed: disks do not do that,
 *    and a meta page of LMDB fits one;
 *  - the file has the size it had at the sync or a later one;
 *  - a state file is there as soon as it was renamed, since the rename is
 *    synced before anything else is done; the last one may be missing.
 *    The machine starts again, so a boot id in it is another one's.
 *
 * One thread. */
#ifndef TESTS_SUPPORT_POWER_LOSS_H
#define TESTS_SUPPORT_POWER_LOSS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct power_loss;

struct power_loss_facts {
	bool synced;	    /* any sync had returned */
	uint64_t safe_mark; /* the last before that sync; 0: none */
	uint64_t next_mark; /* the first behind the moment, or the last */
};

/* Reads a log.  Aborts the test program when it cannot. */
struct power_loss *power_loss_read(const char *path);
void power_loss_free(struct power_loss *pl);
size_t power_loss_entries(const struct power_loss *pl);
/* Writes the data file and the state file into the empty folder dir, as
 * they are when the first `upto` entries were done; chance decides by the
 * seed.  Fastest when upto rises from call to call. */
void power_loss_make(struct power_loss *pl, size_t upto, uint64_t seed,
    const char *dir, struct power_loss_facts *facts);
/* Is the log complete: do its writes, all of them, make this file? */
bool power_loss_is_all(struct power_loss *pl, const char *path);

#endif
