/* tests/unit/store/base/test_codec.c: integers to and from bytes */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "store/base/codec.h"

static void
test_little_endian_puts_the_low_byte_first(void **state)
{
	unsigned char b[8];

	(void)state;
	codec_put_le16(b, 0x0102);
	assert_memory_equal(b, "\x02\x01", 2);
	codec_put_le32(b, 0x01020384);
	assert_memory_equal(b, "\x84\x03\x02\x01", 4);
	codec_put_le64(b, 0x81020304050607f8);
	assert_memory_equal(b, "\xf8\x07\x06\x05\x04\x03\x02\x81", 8);
}

static void
test_big_endian_keeps_numeric_order_under_memcmp(void **state)
{
	unsigned char a[8], b[8];

	(void)state;
	codec_put_be32(a, 0x81020304);
	assert_memory_equal(a, "\x81\x02\x03\x04", 4);
	codec_put_be64(a, 255);
	codec_put_be64(b, 256);
	assert_true(memcmp(a, b, 8) < 0);
	codec_put_be64(a, UINT64_MAX);
	assert_true(memcmp(a, b, 8) > 0);
}

static void
test_what_was_put_is_got_at_any_alignment(void **state)
{
	unsigned char b[16];

	(void)state;
	for (size_t at = 0; at < 8; at++) {
		codec_put_le16(b + at, 0xfedc);
		assert_int_equal(codec_get_le16(b + at), 0xfedc);
		codec_put_le32(b + at, 0xfedcba98);
		assert_int_equal(codec_get_le32(b + at), 0xfedcba98);
		codec_put_le64(b + at, 0xfedcba9876543210);
		assert_true(codec_get_le64(b + at) == 0xfedcba9876543210);
		codec_put_be32(b + at, 0xfedcba98);
		assert_int_equal(codec_get_be32(b + at), 0xfedcba98);
		codec_put_be64(b + at, 0xfedcba9876543210);
		assert_true(codec_get_be64(b + at) == 0xfedcba9876543210);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_little_endian_puts_the_low_byte_first),
		cmocka_unit_test(
		    test_big_endian_keeps_numeric_order_under_memcmp),
		cmocka_unit_test(test_what_was_put_is_got_at_any_alignment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
