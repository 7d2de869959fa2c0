/* tests/unit/store/test_schema.c: keys and their order */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "store/schema.h"

static void
assert_text(const char *url, const char *want)
{
	char text[SCHEMA_URL_TEXT_MAX];
	size_t n = schema_url_text(text, slice_of(url));

	assert_int_equal(n, strlen(want));
	assert_memory_equal(text, want, n);
}

static void
test_labels_of_the_host_are_reversed(void **state)
{
	(void)state;
	assert_text(
	    "www.example.com/a/b.html?c=d.e", "com.example.www/a/b.html?c=d.e");
	assert_text("www.example.com:8080/a", "com.example.www:8080/a");
	assert_text("localhost/", "localhost/");
	assert_text("[::1]:80/x", "[::1]:80/x");
	assert_text("a..b/", "b..a/");
	assert_text(".a/", "a./");
	assert_text("/just.a/path", "/just.a/path");
	assert_text("", "");
}

static void
test_a_long_url_is_cut(void **state)
{
	char url[2000], text[SCHEMA_URL_TEXT_MAX];

	(void)state;
	memset(url, 'x', sizeof(url));
	memcpy(url, "a.b/", 4);
	assert_int_equal(schema_url_text(text, slice_make(url, sizeof(url))),
	    SCHEMA_URL_TEXT_MAX);
	assert_memory_equal(text, "b.a/", 4);
	memset(url, '.', sizeof(url));
	assert_int_equal(schema_url_text(text, slice_make(url, sizeof(url))),
	    SCHEMA_URL_TEXT_MAX);
}

static int
compare_keys(const char *a, uint64_t a_id, const char *b, uint64_t b_id)
{
	unsigned char ka[SCHEMA_URL_KEY_MAX], kb[SCHEMA_URL_KEY_MAX];
	size_t na = schema_url_key(ka, slice_of(a), a_id);
	size_t nb = schema_url_key(kb, slice_of(b), b_id);

	return slice_compare(
	    slice_make((char *)ka, na), slice_make((char *)kb, nb));
}

static void
test_keys_of_one_url_are_neighbours(void **state)
{
	(void)state;
	assert_true(compare_keys("com.a/x", 1, "com.a/x", 2) < 0);
	assert_true(compare_keys("com.a/x", 1, "com.a/x", 1 << 20) < 0);
	/* No longer URL comes between the first id and the last. */
	assert_true(compare_keys(
			"com.a/x", ((uint64_t)1 << 56) - 1, "com.a/x ", 0) < 0);
}

static void
test_page_keys_sort_by_object_and_page(void **state)
{
	unsigned char a[SCHEMA_DAT_KEY_BYTES], b[SCHEMA_DAT_KEY_BYTES];

	(void)state;
	schema_dat_key(a, 255, 0xffffffff);
	schema_dat_key(b, 256, 0);
	assert_true(memcmp(a, b, sizeof(a)) < 0);
	schema_dat_key(a, 256, 255);
	schema_dat_key(b, 256, 256);
	assert_true(memcmp(a, b, sizeof(a)) < 0);
	assert_int_equal(schema_dat_id(b), 256);
	assert_int_equal(schema_dat_page(b), 256);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_labels_of_the_host_are_reversed),
		cmocka_unit_test(test_a_long_url_is_cut),
		cmocka_unit_test(test_keys_of_one_url_are_neighbours),
		cmocka_unit_test(test_page_keys_sort_by_object_and_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
