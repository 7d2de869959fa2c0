/* store/base/clock.c: the system's clocks, and the offset tests add */
#include "store/base/clock.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Set by clock_init before there are threads and never again; every
 * reading of time would have to carry it otherwise. */
static const int64_t *test_offset;

static enum lr
map_offset(int fd, const int64_t **out)
{
	struct stat st;
	void *p;

	if (fstat(fd, &st) != 0 || st.st_size < (off_t)sizeof(**out))
		return LR_IO;
	p = mmap(NULL, sizeof(**out), PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return LR_IO;
	*out = p;
	return LR_OK;
}

enum lr
clock_init(void)
{
	const char *path = getenv("LARDER_CLOCK_FILE");
	enum lr rc;
	int fd;

	if (path == NULL || path[0] == '\0')
		return LR_OK;
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return LR_IO;
	rc = map_offset(fd, &test_offset);
	close(fd);
	return rc;
}

static int64_t
offset_ms(void)
{
	if (test_offset == NULL)
		return 0;
	return (int64_t)le64toh(
	    (uint64_t)__atomic_load_n(test_offset, __ATOMIC_RELAXED));
}

static int64_t
read_us(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts); /* cannot fail for these clocks */
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

struct clock_time
clock_read(void)
{
	int64_t offset = offset_ms();

	return (struct clock_time){
		.wall_ms = read_us(CLOCK_REALTIME) / 1000 + offset,
		.mono_ms = read_us(CLOCK_MONOTONIC) / 1000 + offset,
	};
}

int64_t
clock_mono_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}
