/* store/base/num.h: bounded numbers, sizes and durations, in and out.
 *
 * Parsers take the whole slice or fail: no sign, no blanks, no rest.
 * LR_INVALID: not of the form; LR_TOOBIG: over the bound (or over 64 bits);
 * the result is untouched on failure.  Pure; safe on any thread. */
#ifndef STORE_BASE_NUM_H
#define STORE_BASE_NUM_H

#include <stddef.h>
#include <stdint.h>

#include "store/base/slice.h"
#include "store/base/status.h"

#define NUM_U64_CHARS 20 /* the longest decimal uint64_t, without NUL */

enum lr num_parse_u64(struct slice s, uint64_t max, uint64_t *out);
/* Hexadecimal digits, as in a chunk size. */
enum lr num_parse_hex(struct slice s, uint64_t max, uint64_t *out);
/* "4096", "64K", "512M", "8G", "1T", any letter case, optional trailing
 * "B" or "iB"; powers of 1,024. */
enum lr num_parse_size(struct slice s, uint64_t max_bytes, uint64_t *out_bytes);
/* "30", "30s", "500ms", "5min", "2h", "1d" as Apache's time units; a bare
 * number counts unit_ms. */
enum lr num_parse_duration(
    struct slice s, int64_t unit_ms, int64_t max_ms, int64_t *out_ms);
/* Writes v in decimal without a NUL; returns how many characters. */
size_t num_put_u64(char dst[NUM_U64_CHARS], uint64_t v);

#endif
