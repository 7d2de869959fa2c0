/* tests/unit/proxy/http/test_message.c: fields by identity and by name */
#include "tests/support/assert_slice.h"

#include "proxy/http/message.h"
#include "tests/support/msg.h"

static void
test_every_identity_is_found_by_its_own_name(void **state)
{
	(void)state;
	for (int i = FIELD_OTHER + 1; i < FIELD_ID_COUNT; i++) {
		struct slice name = http_field_name((enum http_field_id)i);

		assert_true(name.n > 1);
		assert_int_equal(http_field_id_from(name), i);
	}
}

static void
test_names_are_compared_without_case(void **state) /* RFC 9110 5.1 */
{
	(void)state;
	for (int i = FIELD_OTHER + 1; i < FIELD_ID_COUNT; i++) {
		struct slice name = http_field_name((enum http_field_id)i);
		char lower[32], upper[32];

		assert_true(name.n < sizeof(lower));
		for (size_t k = 0; k < name.n; k++) {
			bool dash = name.p[k] == '-';

			lower[k] = (char)(name.p[k] | 0x20);
			upper[k] = dash ? '-' : (char)(name.p[k] & ~0x20);
		}
		assert_int_equal(
		    http_field_id_from(slice_make(lower, name.n)), i);
		assert_int_equal(
		    http_field_id_from(slice_make(upper, name.n)), i);
	}
}

static void
test_a_name_that_differs_in_one_letter_is_another(void **state)
{
	(void)state;
	for (int i = FIELD_OTHER + 1; i < FIELD_ID_COUNT; i++) {
		struct slice name = http_field_name((enum http_field_id)i);
		char changed[32];

		for (size_t k = 0; k < name.n; k++) {
			memcpy(changed, name.p, name.n);
			changed[k] = '_';
			assert_int_not_equal(
			    http_field_id_from(slice_make(changed, name.n)), i);
		}
		assert_int_not_equal(
		    http_field_id_from(slice_cut(name, 0, name.n - 1)), i);
	}
	assert_int_equal(http_field_id_from(SLICE("")), FIELD_OTHER);
	assert_int_equal(http_field_id_from(SLICE("a")), FIELD_OTHER);
	assert_int_equal(http_field_id_from(SLICE("X-Other")), FIELD_OTHER);
	assert_slice(http_field_name(FIELD_OTHER), "");
}

static void
test_methods_are_case_sensitive(void **state) /* RFC 9110 9.1 */
{
	(void)state;
	assert_int_equal(http_method_from(SLICE("GET")), HTTP_GET);
	assert_int_equal(http_method_from(SLICE("PURGE")), HTTP_PURGE);
	assert_int_equal(http_method_from(SLICE("get")), HTTP_OTHER);
	assert_int_equal(http_method_from(SLICE("GETS")), HTTP_OTHER);
	assert_int_equal(http_method_from(SLICE("")), HTTP_OTHER);
}

static void
test_safe_and_idempotent_methods(void **state) /* RFC 9110 9.2 */
{
	(void)state;
	assert_true(http_method_safe(HTTP_HEAD));
	assert_true(http_method_safe(HTTP_TRACE));
	assert_false(http_method_safe(HTTP_PUT));
	assert_false(http_method_safe(HTTP_OTHER));
	assert_true(http_method_idempotent(HTTP_PUT));
	assert_true(http_method_idempotent(HTTP_OPTIONS));
	assert_false(http_method_idempotent(HTTP_POST));
	assert_false(http_method_idempotent(HTTP_PATCH));
	assert_false(http_method_idempotent(HTTP_OTHER));
}

static void
test_reason_phrases_are_never_null(void **state)
{
	(void)state;
	assert_string_equal(http_reason(200), "OK");
	assert_string_equal(http_reason(504), "Gateway Timeout");
	assert_string_equal(http_reason(299), "");
	assert_string_equal(http_reason(999), "");
	assert_string_equal(http_reason(-1), "");
}

static void
test_fields_keep_order_and_spelling(void **state)
{
	struct http_msg *m = test_msg();
	char name[20][4] = { "" };
	const char *text;

	(void)state;
	/* More than fit at first */
	for (int i = 0; i < 20; i++) {
		memcpy(name[i], "x-", 2);
		name[i][2] = (char)('a' + i);
		assert_int_equal(
		    http_msg_add(m, slice_of(name[i]), SLICE("1")), LR_OK);
	}
	assert_int_equal(m->n_fields, 20);
	text = test_msg_fields(m);
	assert_memory_equal(text, "x-a: 1\nx-b: 1\nx-c: 1\n", 21);
	test_msg_free(m);
}

static void
test_lookup_gives_the_first_field_of_a_name(void **state)
{
	struct http_msg *m = test_request("VIA: 1.1 a\nx-k: 1\nvia: 1.1 b\n"
					  "X-K: 2");

	(void)state;
	assert_slice(http_msg_value(m, FIELD_VIA), "1.1 a");
	assert_slice(http_msg_find(m, SLICE("x-K"))->value, "1");
	assert_slice(http_msg_find(m, SLICE("Via"))->value, "1.1 a");
	assert_null(http_msg_find(m, SLICE("X-J")));
	assert_null(http_msg_get(m, FIELD_HOST));
	assert_slice(http_msg_value(m, FIELD_HOST), "");
	assert_int_equal(http_msg_count(m, FIELD_VIA), 2);
	test_msg_free(m);
}

static void
test_values_of_one_name_combine_in_order(void **state) /* RFC 9110 5.3 */
{
	struct http_msg *m = test_request("Accept: a\nX-K: 1\naccept:\n"
					  "x-k: 2\nAccept: b");
	struct slice all = { NULL, 0 };

	(void)state;
	assert_int_equal(http_msg_combined(m, SLICE("accept"), &all), LR_OK);
	assert_slice(all, "a, , b");
	assert_int_equal(http_msg_combined(m, SLICE("X-k"), &all), LR_OK);
	assert_slice(all, "1, 2");
	assert_int_equal(http_msg_combined(m, SLICE("X-J"), &all), LR_NOTFOUND);
	assert_slice(all, "1, 2");
	test_msg_free(m);
}

static void
test_a_single_value_is_not_copied_to_combine(void **state)
{
	struct http_msg *m = test_request("Accept: a");
	struct slice all;

	(void)state;
	assert_int_equal(http_msg_combined(m, SLICE("Accept"), &all), LR_OK);
	assert_ptr_equal(all.p, m->fields[0].value.p);
	test_msg_free(m);
}

static void
test_removing_takes_all_of_a_name_and_keeps_the_order(void **state)
{
	struct http_msg *m = test_request("Age: 1\nX-K: 1\nDate: d\nAGE: 2\n"
					  "x-k: 2\nETag: e");

	(void)state;
	assert_int_equal(http_msg_remove(m, FIELD_AGE), 2);
	assert_int_equal(http_msg_remove_name(m, SLICE("X-k")), 2);
	assert_int_equal(http_msg_remove_name(m, SLICE("X-J")), 0);
	assert_string_equal(test_msg_fields(m), "Date: d\nETag: e\n");
	test_msg_free(m);
}

static void
test_set_replaces_all_fields_by_one(void **state)
{
	struct http_msg *m = test_request("Age: 1\nDate: d\nage: 2");

	(void)state;
	assert_int_equal(http_msg_set(m, FIELD_AGE, SLICE("7")), LR_OK);
	assert_string_equal(test_msg_fields(m), "Date: d\nAge: 7\n");
	assert_int_equal(http_msg_set(m, FIELD_ETAG, SLICE("e")), LR_OK);
	assert_string_equal(test_msg_fields(m), "Date: d\nAge: 7\nETag: e\n");
	test_msg_free(m);
}

static void
test_a_copy_shares_nothing_with_the_original(void **state)
{
	struct http_msg *m = test_request("PUT /p HTTP/1.0\nAge: 1\nX-K:");
	struct arena arena = { 0 };
	struct http_msg copy;

	(void)state;
	assert_int_equal(http_msg_copy(m, &arena, &copy), LR_OK);
	test_msg_free(m);
	assert_int_equal(copy.method, HTTP_PUT);
	assert_int_equal(copy.version_minor, 0);
	assert_slice(copy.method_text, "PUT");
	assert_slice(copy.target, "/p");
	assert_slice(http_msg_value(&copy, FIELD_AGE), "1");
	assert_slice(http_msg_find(&copy, SLICE("X-K"))->value, "");
	/* and it can grow */
	assert_int_equal(http_msg_add_id(&copy, FIELD_ETAG, SLICE("e")), LR_OK);
	assert_int_equal(copy.n_fields, 3);
	arena_free(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_identity_is_found_by_its_own_name),
		cmocka_unit_test(test_names_are_compared_without_case),
		cmocka_unit_test(
		    test_a_name_that_differs_in_one_letter_is_another),
		cmocka_unit_test(test_methods_are_case_sensitive),
		cmocka_unit_test(test_safe_and_idempotent_methods),
		cmocka_unit_test(test_reason_phrases_are_never_null),
		cmocka_unit_test(test_fields_keep_order_and_spelling),
		cmocka_unit_test(test_lookup_gives_the_first_field_of_a_name),
		cmocka_unit_test(test_values_of_one_name_combine_in_order),
		cmocka_unit_test(test_a_single_value_is_not_copied_to_combine),
		cmocka_unit_test(
		    test_removing_takes_all_of_a_name_and_keeps_the_order),
		cmocka_unit_test(test_set_replaces_all_fields_by_one),
		cmocka_unit_test(test_a_copy_shares_nothing_with_the_original),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
