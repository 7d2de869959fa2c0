/* tests/support/power_loss.c: replays a log up to a moment, with losses */
#include "tests/support/power_loss.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/disk_log.h"
#include "tests/support/temp_store.h"

#define PAGE_BYTES 4096u
#define SECTOR_BYTES 512u
#define TORN_OF 4 /* one page of so many */
#define OTHER_BOOT "running fast of-another-boot\n"

struct entry {
	struct disk_log_entry e;
	const char *bytes; /* in text */
};

struct image {
	char *bytes;
	uint64_t size; /* of the file */
};

struct power_loss {
	char *text; /* the log */
	struct entry *v;
	size_t n;
	uint64_t max_bytes;   /* that the file ever has */
	struct image durable; /* as of the first `done` entries */
	size_t done;
	struct image now;	 /* with losses */
	uint32_t *writes, *seen; /* of each page, since the sync */
};

/* One write, as far as it is in one page. */
struct piece {
	uint64_t page;
	uint64_t at;
	const char *src;
	size_t n;
};

static void *
need(void *p)
{
	if (p == NULL)
		abort();
	return p;
}

/* ---- the log ---- */

static char *
read_file(const char *path, size_t *n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	size_t got = 0;
	ssize_t part = 1;
	char *text;

	if (fd < 0 || fstat(fd, &st) != 0)
		abort();
	text = need(malloc((size_t)st.st_size + 1));
	while (part > 0 && got < (size_t)st.st_size) {
		part = read(fd, text + got, (size_t)st.st_size - got);
		if (part > 0)
			got += (size_t)part;
	}
	close(fd);
	*n = got;
	return text;
}

static void
add_entry(struct power_loss *pl, const char *src)
{
	struct entry *en;
	uint64_t end = 0;

	if ((pl->n & (pl->n - 1)) == 0)
		pl->v = need(realloc(
		    pl->v, (pl->n == 0 ? 1 : 2 * pl->n) * sizeof(*pl->v)));
	en = &pl->v[pl->n++];
	memcpy(&en->e, src, sizeof(en->e));
	en->bytes = src + sizeof(en->e);
	if (en->e.op == DISK_LOG_WRITE)
		end = en->e.at + en->e.n_bytes;
	else if (en->e.op == DISK_LOG_SIZE)
		end = en->e.at;
	if (end > pl->max_bytes)
		pl->max_bytes = end;
}

struct power_loss *
power_loss_read(const char *path)
{
	struct power_loss *pl = need(calloc(1, sizeof(*pl)));
	size_t n, at = 0;

	pl->text = read_file(path, &n);
	while (at + sizeof(struct disk_log_entry) <= n) {
		add_entry(pl, pl->text + at);
		at += sizeof(struct disk_log_entry) +
		    pl->v[pl->n - 1].e.n_bytes;
	}
	pl->durable.bytes = need(calloc(1, pl->max_bytes + PAGE_BYTES));
	pl->now.bytes = need(calloc(1, pl->max_bytes + PAGE_BYTES));
	n = pl->max_bytes / PAGE_BYTES + 1;
	pl->writes = need(calloc(n, sizeof(*pl->writes)));
	pl->seen = need(calloc(n, sizeof(*pl->seen)));
	return pl;
}

void
power_loss_free(struct power_loss *pl)
{
	free(pl->text);
	free(pl->v);
	free(pl->durable.bytes);
	free(pl->now.bytes);
	free(pl->writes);
	free(pl->seen);
	free(pl);
}

size_t
power_loss_entries(const struct power_loss *pl)
{
	return pl->n;
}

/* ---- what is safe ---- */

static void
write_all(struct image *im, const struct entry *en)
{
	memcpy(im->bytes + en->e.at, en->bytes, en->e.n_bytes);
	if (im->size < en->e.at + en->e.n_bytes)
		im->size = en->e.at + en->e.n_bytes;
}

/* Brings the durable image to the first upto entries. */
static void
advance(struct power_loss *pl, size_t upto)
{
	if (upto < pl->done) {
		memset(pl->durable.bytes, 0, pl->max_bytes);
		pl->durable.size = 0;
		pl->done = 0;
	}
	for (; pl->done < upto; pl->done++) {
		const struct entry *en = &pl->v[pl->done];

		if (en->e.op == DISK_LOG_WRITE)
			write_all(&pl->durable, en);
		else if (en->e.op == DISK_LOG_SIZE)
			pl->durable.size = en->e.at;
	}
}

/* The end of the last sync before a moment; 0: there was none. */
static size_t
last_sync(const struct power_loss *pl, size_t upto)
{
	while (upto > 0 && pl->v[upto - 1].e.op != DISK_LOG_SYNC)
		upto--;
	return upto;
}

static uint64_t
last_mark(const struct power_loss *pl, size_t upto)
{
	while (upto > 0 && pl->v[upto - 1].e.op != DISK_LOG_MARK)
		upto--;
	return upto > 0 ? pl->v[upto - 1].e.at : 0;
}

static uint64_t
next_mark(const struct power_loss *pl, size_t from)
{
	while (from < pl->n && pl->v[from].e.op != DISK_LOG_MARK)
		from++;
	return from < pl->n ? pl->v[from].e.at : last_mark(pl, pl->n);
}

/* ---- what is not ---- */

static uint64_t
pick(uint64_t seed, uint64_t what, uint64_t bound)
{
	uint64_t word;

	temp_bytes((char *)&word, sizeof(word), seed, what * 8);
	return (word >> 8) % bound;
}

/* The next piece of a write, *at of its bytes are done; false: none. */
static bool
next_piece(const struct entry *en, size_t *at, struct piece *out)
{
	uint64_t from = en->e.at + *at;
	size_t n = PAGE_BYTES - from % PAGE_BYTES;

	if (*at >= en->e.n_bytes)
		return false;
	if (n > en->e.n_bytes - *at)
		n = en->e.n_bytes - *at;
	*out = (struct piece){ from / PAGE_BYTES, from, en->bytes + *at, n };
	*at += n;
	return true;
}

/* Sector by sector, some of them. */
static void
write_torn(struct image *im, const struct piece *p, uint64_t seed)
{
	for (size_t i = 0; i < p->n; i++) {
		uint64_t sector = (p->at + i) / SECTOR_BYTES;

		if (pick(seed, sector + 2 * p->page, 2) == 0)
			im->bytes[p->at + i] = p->src[i];
	}
}

/* A write to a page of which the first `kept` are on the disk. */
static void
write_piece(struct power_loss *pl, const struct piece *p, uint64_t seed)
{
	uint64_t kept = pick(seed, p->page, pl->writes[p->page] + 1);
	bool last = pl->seen[p->page] + 1 == kept;

	if (pl->seen[p->page]++ >= kept)
		return;
	if (last && pick(seed + 1, p->page, TORN_OF) == 0)
		write_torn(&pl->now, p, seed + 2);
	else
		memcpy(pl->now.bytes + p->at, p->src, p->n);
	if (pl->now.size < p->at + p->n)
		pl->now.size = p->at + p->n;
}

static void
lose(struct power_loss *pl, size_t upto, uint64_t seed)
{
	struct piece p;
	size_t i, at;

	memset(pl->writes, 0, (pl->max_bytes / PAGE_BYTES + 1) * 4);
	memset(pl->seen, 0, (pl->max_bytes / PAGE_BYTES + 1) * 4);
	for (i = pl->done; i < upto; i++) {
		at = 0;
		while (pl->v[i].e.op == DISK_LOG_WRITE &&
		    next_piece(&pl->v[i], &at, &p))
			pl->writes[p.page]++;
	}
	memcpy(pl->now.bytes, pl->durable.bytes, pl->max_bytes);
	pl->now.size = pl->durable.size;
	for (i = pl->done; i < upto; i++) {
		at = 0;
		while (pl->v[i].e.op == DISK_LOG_WRITE &&
		    next_piece(&pl->v[i], &at, &p))
			write_piece(pl, &p, seed);
		if (pl->v[i].e.op == DISK_LOG_SIZE && pick(seed, i, 2) == 0)
			pl->now.size = pl->v[i].e.at;
	}
}

/* ---- files ---- */

static void
write_file(const char *dir, const char *name, const char *src, size_t n)
{
	char path[4096];
	ssize_t done;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		abort();
	for (; n > 0; n -= (size_t)done, src += done) {
		if ((done = write(fd, src, n)) <= 0)
			abort();
	}
	close(fd);
}

static void
write_state(struct power_loss *pl, size_t upto, uint64_t seed, const char *dir)
{
	const struct slice fast = SLICE("running fast ");
	const struct entry *last;

	/* The very last thing that happened may not have. */
	if (upto > 0 && pick(seed, 3, 2) == 0)
		upto--;
	while (upto > 0 && pl->v[upto - 1].e.op != DISK_LOG_STATE)
		upto--;
	if (upto == 0)
		return;
	last = &pl->v[upto - 1];
	if (slice_starts(slice_make(last->bytes, last->e.n_bytes), fast))
		write_file(dir, "state", OTHER_BOOT, sizeof(OTHER_BOOT) - 1);
	else
		write_file(dir, "state", last->bytes, last->e.n_bytes);
}

void
power_loss_make(struct power_loss *pl, size_t upto, uint64_t seed,
    const char *dir, struct power_loss_facts *facts)
{
	size_t sync = last_sync(pl, upto);

	advance(pl, sync);
	lose(pl, upto, seed);
	write_file(dir, "data.mdb", pl->now.bytes, pl->now.size);
	write_state(pl, upto, seed, dir);
	facts->synced = sync > 0;
	facts->safe_mark = last_mark(pl, sync);
	facts->next_mark = next_mark(pl, upto);
}

bool
power_loss_is_all(struct power_loss *pl, const char *path)
{
	size_t n;
	char *text = read_file(path, &n);
	bool same;

	advance(pl, pl->n);
	same = n == pl->durable.size && memcmp(text, pl->durable.bytes, n) == 0;
	free(text);
	return same;
}
