/* store/base/hash.h: 64-bit content hashes (XXH3).  Pure. */
#ifndef STORE_BASE_HASH_H
#define STORE_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t hash_bytes(const void *p, size_t n);
/* The same bytes under another seed: independent values. */
uint64_t hash_bytes_seeded(const void *p, size_t n, uint64_t seed);

#endif
