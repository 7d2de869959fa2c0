/* store/base/check.c: how a broken invariant ends the process */
#include "store/base/check.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void
check_failed(const char *file, int line, const char *what)
{
	fprintf(stderr, "larder: %s:%d: check failed: %s\n", file, line, what);
	abort();
}
