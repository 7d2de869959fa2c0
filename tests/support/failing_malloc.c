/* tests/support/failing_malloc.c: memory that runs out when a test says so
 *
 * A library for LD_PRELOAD, not linked into anything.  The file that
 * FAILING_MALLOC_FILE names is mapped and holds a struct orders, which a
 * test may change at any time; as long as it is zero nothing fails.
 * (glibc only: the real allocator is reached by its __libc_ names.) */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct orders {
	uint32_t threads; /* whose allocations count: FAIL_…, or none */
	uint32_t every;	  /* each so-manieth fails, ... */
	uint32_t at;	  /* ... and this one; 0: none */
	uint32_t counted; /* so far; a test sets it back */
	uint32_t failed;
};

#define FAIL_MAIN 1u
#define FAIL_OTHERS 2u

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t count, size_t n);
extern void *__libc_realloc(void *p, size_t n);
extern void *__libc_memalign(size_t alignment, size_t n);

/* Set before there are threads, and never again. */
static struct orders *orders;

/* Which thread is this?  Asked of the kernel once; the model keeps the
 * first use in a thread from allocating. */
static _Thread_local uint32_t self __attribute__((tls_model("initial-exec")));

__attribute__((constructor)) static void
map_orders(void)
{
	const char *path = getenv("FAILING_MALLOC_FILE");
	int fd = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
	void *p;

	if (fd < 0)
		return;
	p = mmap(
	    NULL, sizeof(*orders), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p != MAP_FAILED)
		orders = p;
	close(fd);
}

static uint32_t
load(const uint32_t *order)
{
	return __atomic_load_n(order, __ATOMIC_RELAXED);
}

/* Is there no memory for this one? */
static bool
fails(void)
{
	uint32_t threads = orders == NULL ? 0 : load(&orders->threads);
	uint32_t every, nth;

	if (threads == 0)
		return false;
	if (self == 0)
		self = gettid() == getpid() ? FAIL_MAIN : FAIL_OTHERS;
	if ((threads & self) == 0)
		return false;
	nth = __atomic_add_fetch(&orders->counted, 1, __ATOMIC_RELAXED);
	every = load(&orders->every);
	if ((every == 0 || nth % every != 0) && nth != load(&orders->at))
		return false;
	__atomic_add_fetch(&orders->failed, 1, __ATOMIC_RELAXED);
	errno = ENOMEM;
	return true;
}

void *
malloc(size_t n)
{
	return fails() ? NULL : __libc_malloc(n);
}

void *
calloc(size_t count, size_t n)
{
	return fails() ? NULL : __libc_calloc(count, n);
}

void *
realloc(void *p, size_t n)
{
	return fails() ? NULL : __libc_realloc(p, n);
}

void *
aligned_alloc(size_t alignment, size_t n)
{
	return fails() ? NULL : __libc_memalign(alignment, n);
}

int
posix_memalign(void **out, size_t alignment, size_t n)
{
	void *p = fails() ? NULL : __libc_memalign(alignment, n);

	if (p == NULL)
		return ENOMEM;
	*out = p;
	return 0;
}
