/* tests/unit/proxy/cache/test_key_query.c */
#include "proxy/cache/key_query.h"

#include "tests/unit/proxy/cache/made.h"

static struct cache_policy
with(const struct key_query *kq)
{
	struct cache_policy policy = made_policy();

	policy.key_query = kq;
	return policy;
}

static struct slice
shaped(const struct cache_policy *policy, const char *query)
{
	struct slice out;

	assert_int_equal(
	    key_query_shape(policy, slice_of(query), &made_arena, &out), LR_OK);
	return out;
}

static void
test_without_rules_the_query_stays_as_it_is(void **state)
{
	struct cache_policy policy = made_policy();
	struct slice query = SLICE("b=1&&a"), out;

	(void)state; /* CacheKeyQuery */
	assert_int_equal(
	    key_query_shape(&policy, query, &made_arena, &out), LR_OK);
	assert_ptr_equal(out.p, query.p);
	assert_int_equal(out.n, query.n);
	assert_null(made_arena.head); /* nothing was allocated */
}

static void
test_ignore_leaves_nothing(void **state) /* CacheKeyQuery ignore */
{
	const struct key_query kq = { .ignore = true };
	struct cache_policy policy = with(&kq);

	(void)state;
	assert_int_equal(shaped(&policy, "a=1&b").n, 0);
}

static void
test_sort_is_by_name_and_keeps_the_order_of_values(void **state)
{
	const struct key_query kq = { .sort = true };
	struct cache_policy policy = with(&kq);

	(void)state; /* CacheKeyQuery sort */
	assert_slice_equal(
	    shaped(&policy, "b=2&a=9&c&a=1&B=0"), "B=0&a=9&a=1&b=2&c");
	assert_slice_equal(shaped(&policy, "a=1&a"), "a=1&a");
	assert_slice_equal(shaped(&policy, "ab=1&a=2&a-=3"), "a=2&a-=3&ab=1");
	assert_slice_equal(shaped(&policy, "&b&&a&"), "a&b");
}

static void
test_drop_leaves_the_others(void **state) /* CacheKeyQuery drop */
{
	const struct slice drop[] = { SLICE("utm_*"), SLICE("fbclid") };
	const struct key_query kq = { .drop = drop, .n_drop = 2 };
	struct cache_policy policy = with(&kq);

	(void)state;
	assert_slice_equal(
	    shaped(&policy, "b=1&utm_source=x&a&fbclid=y&utm_=z"), "b=1&a");
	assert_slice_equal(shaped(&policy, "utm=1&fbclid2=y&FBCLID"),
	    "utm=1&fbclid2=y&FBCLID");
	assert_int_equal(shaped(&policy, "utm_source=x").n, 0);
}

static void
test_keep_leaves_these(void **state) /* CacheKeyQuery keep */
{
	const struct slice keep[] = { SLICE("page"), SLICE("q*") };
	const struct slice drop[] = { SLICE("q2") };
	struct key_query kq = { .keep = keep, .n_keep = 2 };
	struct cache_policy policy = with(&kq);

	(void)state;
	assert_slice_equal(
	    shaped(&policy, "z=1&q2&page=3&q=&pages"), "q2&page=3&q=");
	kq.drop = drop;
	kq.n_drop = 1;
	assert_slice_equal(shaped(&policy, "z=1&q2&page=3&q="), "page=3&q=");
}

static void
test_many_parameters_are_sorted(void **state) /* CacheKeyQuery sort */
{
	const struct key_query kq = { .sort = true };
	struct cache_policy policy = with(&kq);
	char query[2001];
	struct slice out;

	(void)state;
	for (size_t i = 0; i < 1000; i++) {
		query[2 * i] = (char)('a' + (i * 7) % 26);
		query[2 * i + 1] = '&';
	}
	query[1999] = '\0';
	out = shaped(&policy, query);
	assert_int_equal(out.n, 1999);
	for (size_t i = 2; i < out.n; i += 2)
		assert_true(out.p[i - 2] <= out.p[i]);
}

static const struct slice SESSIONS[] = { SLICE("jsessionid"), SLICE("sid") };

static struct cache_policy
with_sessions(void)
{
	struct cache_policy policy = made_policy();

	policy.session_ids = SESSIONS;
	policy.n_session_ids = 2;
	return policy;
}

static void
test_session_identifiers_leave_the_query(void **state)
{
	struct cache_policy policy = with_sessions();

	(void)state; /* CacheIgnoreURLSessionIdentifiers */
	assert_slice_equal(shaped(&policy, "sid=1&b=2"), "b=2");
	assert_slice_equal(shaped(&policy, "b=2&sid=1"), "b=2");
	assert_slice_equal(
	    shaped(&policy, "a&sid=&b&jsessionid=2&sid=3&c"), "a&b&c");
	assert_slice_equal(shaped(&policy, "sid&xsid=1&sidx=2&SID=3"),
	    "sid&xsid=1&sidx=2&SID=3");
}

static struct slice
path_of(const char *path)
{
	struct cache_policy policy = with_sessions();

	return key_query_path(&policy, slice_of(path));
}

static void
test_session_identifiers_leave_the_path(void **state)
{
	(void)state; /* CacheIgnoreURLSessionIdentifiers */
	assert_slice_equal(path_of("/a/b.gif;jsessionid=12"), "/a/b.gif");
	assert_slice_equal(path_of("/a;sid=1;jsessionid=2"), "/a");
	assert_slice_equal(path_of("/a;v=1;sid=2"), "/a;v=1");
	assert_slice_equal(path_of("/;sid="), "/");
}

static void
test_other_parameters_of_the_path_stay(void **state)
{
	static const char *const same[] = { "/a;sid=1/b", "/a;sid", "/a;sidx=1",
		"/a;SID=1", "/a;sid=1;v=2", "/a", "/" };

	(void)state; /* as Apache: the last of the last segment only */
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		assert_slice_equal(path_of(same[i]), same[i]);
}

static void
test_a_query_counts_when_something_is_left_of_it(void **state)
{
	const struct slice drop[] = { SLICE("utm_*") };
	const struct key_query kq = { .drop = drop, .n_drop = 1 };
	struct cache_policy none = made_policy(), policy = with(&kq);
	struct cache_policy ignoring = made_policy();

	(void)state;
	ignoring.ignore_query = true;
	assert_true(key_query_counts(&none, SLICE("/a?b")));
	assert_true(key_query_counts(&none, SLICE("/a?")));
	assert_false(key_query_counts(&none, SLICE("/a")));
	assert_false(key_query_counts(&ignoring, SLICE("/a?b")));
	assert_true(key_query_counts(&policy, SLICE("/a?utm_x=1&b")));
	assert_false(key_query_counts(&policy, SLICE("/a?utm_x=1&utm_y")));
	assert_false(key_query_counts(&policy, SLICE("/a")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_rules_the_query_stays_as_it_is),
		cmocka_unit_test(test_ignore_leaves_nothing),
		cmocka_unit_test(
		    test_sort_is_by_name_and_keeps_the_order_of_values),
		cmocka_unit_test(test_drop_leaves_the_others),
		cmocka_unit_test(test_keep_leaves_these),
		cmocka_unit_test(test_many_parameters_are_sorted),
		cmocka_unit_test(test_session_identifiers_leave_the_query),
		cmocka_unit_test(test_session_identifiers_leave_the_path),
		cmocka_unit_test(test_other_parameters_of_the_path_stay),
		cmocka_unit_test(
		    test_a_query_counts_when_something_is_left_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, made_free);
}
