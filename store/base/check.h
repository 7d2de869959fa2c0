/* store/base/check.h: catches programmer errors, and only those.
 *
 * Peers, disks and memory get a status and a message (style rule 10). */
#ifndef STORE_BASE_CHECK_H
#define STORE_BASE_CHECK_H

#include <stdint.h>

/* Prints where and what to standard error and aborts. */
_Noreturn void check_failed(const char *file, int line, const char *what);

#define CHECK(cond) ((cond) ? (void)0 : check_failed(__FILE__, __LINE__, #cond))

/* A long-lived object starts with `uint32_t magic`; MAGIC_CHECK is made
 * where a void * arrives.  Each type chooses four letters of its own. */
#define MAGIC(a, b, c, d) \
	((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | \
	    (uint32_t)(d))
#define MAGIC_CHECK(obj, value) CHECK((obj) != NULL && (obj)->magic == (value))

#endif
