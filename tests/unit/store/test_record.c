/* tests/unit/store/test_record.c: records to and from bytes */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "store/base/codec.h"
#include "store/base/hash.h"
#include "store/record.h"

static struct record
sample(void)
{
	return (struct record){
		.state = RECORD_COMPLETE,
		.coding = 3,
		.flags = 0x01020304,
		.hash = 0x1122334455667788,
		.primary_hash = 0x8877665544332211,
		.body_bytes = 5000000000,
		.plain_bytes = 6000000000,
		.stored_at_s = 1700000000,
		.expires_at_s = -5,
		.stale_s = 60,
		.head_bytes = 400,
		.body0_bytes = 3680,
		.use = UINT64_MAX - 14,
		.tag = 15,
		.url = SLICE("com.example.www/a"),
	};
}

static void
test_a_record_comes_back_as_it_went(void **state)
{
	unsigned char bytes[RECORD_MAX_BYTES];
	struct record in = sample(), out;
	size_t n = record_encode(bytes, &in);

	(void)state;
	assert_int_equal(n, RECORD_FIXED_BYTES + in.url.n);
	memset(&out, 0, sizeof(out));
	assert_int_equal(
	    record_decode(slice_make((char *)bytes, n), &out), LR_OK);
	assert_true(slice_eq(out.url, in.url));
	assert_int_equal(out.state, in.state);
	assert_int_equal(out.coding, in.coding);
	assert_int_equal(out.flags, in.flags);
	assert_true(out.hash == in.hash);
	assert_true(out.primary_hash == in.primary_hash);
	assert_true(out.body_bytes == in.body_bytes);
	assert_true(out.plain_bytes == in.plain_bytes);
	assert_true(out.stored_at_s == in.stored_at_s);
	assert_true(out.expires_at_s == in.expires_at_s);
	assert_int_equal(out.stale_s, in.stale_s);
	assert_int_equal(out.head_bytes, in.head_bytes);
	assert_int_equal(out.body0_bytes, in.body0_bytes);
	assert_true(out.use == in.use);
	assert_true(out.tag == in.tag);
}

static void
test_the_layout_is_what_the_header_draws(void **state)
{
	unsigned char bytes[RECORD_MAX_BYTES];
	struct record rec = sample();

	(void)state;
	record_encode(bytes, &rec);
	assert_int_equal(bytes[0], 3);
	assert_int_equal(bytes[1], RECORD_COMPLETE);
	assert_true(codec_get_le64(bytes + 8) == rec.hash);
	assert_true(codec_get_le64(bytes + 24) == rec.body_bytes);
	assert_int_equal(codec_get_le16(bytes + 68), rec.body0_bytes);
	assert_memory_equal(bytes + RECORD_FIXED_BYTES, rec.url.p, rec.url.n);
}

static void
test_any_flipped_bit_is_noticed(void **state)
{
	unsigned char bytes[RECORD_MAX_BYTES];
	struct record rec = sample(), out;
	size_t n = record_encode(bytes, &rec), i;
	int bit;

	(void)state;
	for (i = 0; i < n; i++) {
		for (bit = 0; bit < 8; bit++) {
			bytes[i] ^= (unsigned char)(1 << bit);
			assert_int_not_equal(
			    record_decode(slice_make((char *)bytes, n), &out),
			    LR_OK);
			bytes[i] ^= (unsigned char)(1 << bit);
		}
	}
}

static void
test_a_record_of_any_other_length_is_corrupt(void **state)
{
	unsigned char bytes[RECORD_MAX_BYTES + 1] = { 0 };
	struct record rec = sample(), out;
	size_t n = record_encode(bytes, &rec), i;

	(void)state;
	for (i = 0; i < sizeof(bytes); i++) {
		if (i == n)
			continue;
		assert_int_equal(
		    record_decode(slice_make((char *)bytes, i), &out),
		    LR_CORRUPT);
	}
}

static void
test_a_newer_version_is_told_apart(void **state)
{
	unsigned char bytes[RECORD_MAX_BYTES];
	struct record rec = sample(), out;
	size_t n = record_encode(bytes, &rec);

	(void)state;
	bytes[0] = 4;
	assert_int_equal(
	    record_decode(slice_make((char *)bytes, n), &out), LR_VERSION);
	bytes[0] = 0;
	assert_int_equal(
	    record_decode(slice_make((char *)bytes, n), &out), LR_CORRUPT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_record_comes_back_as_it_went),
		cmocka_unit_test(test_the_layout_is_what_the_header_draws),
		cmocka_unit_test(test_any_flipped_bit_is_noticed),
		cmocka_unit_test(test_a_record_of_any_other_length_is_corrupt),
		cmocka_unit_test(test_a_newer_version_is_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
