#include "proxy/request/flight_table.h"
#include "proxy/request/follower.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "store/base/hash.h"

struct fixture {
	struct loop *loop;
	struct counters counters;
	struct request_env env;
	int wakes;
};

static int
set_up(void **state)
{
	static struct fixture f;

	f = (struct fixture){ 0 };
	assert_int_equal(loop_create(&f.loop), LR_OK);
	f.env.loop = f.loop;
	f.env.counters = &f.counters;
	assert_int_equal(mailbox_create(f.loop, &f, &f.env.box), LR_OK);
	assert_int_equal(flight_table_create(&f.env.flights), LR_OK);
	*state = &f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(flight_table_count(f->env.flights), 0);
	mailbox_free(f->env.box);
	loop_free(f->loop);
	flight_table_free(f->env.flights);
	return 0;
}

static struct cache_key
key_of(const char *text)
{
	return (
	    struct cache_key){ slice_of(text), hash_bytes(text, strlen(text)) };
}

static void
wake(void *ctx)
{
	((struct fixture *)ctx)->wakes++;
}

static void
stop(void *ctx)
{
	loop_stop(ctx);
}

/* One turn: what was deferred runs. */
static void
turn(struct fixture *f)
{
	struct task t = { .fn = stop, .ctx = f->loop };

	loop_defer(f->loop, &t);
	loop_run(f->loop);
}

static void
append(struct flight *fl, const char *text)
{
	struct block *b = block_create(64);
	uint32_t n = (uint32_t)strlen(text);

	memcpy(b->data, text, n);
	assert_int_equal(flight_append(fl, (struct span){ b, 0, n }), LR_OK);
	block_unref(b);
}

static struct flight *
lead(struct fixture *f, const char *key)
{
	struct flight *fl;
	bool is_lead = false;

	assert_int_equal(
	    flight_join(&f->env, key_of(key), 0, &fl, &is_lead), LR_OK);
	assert_true(is_lead);
	return fl;
}

static void
test_the_second_request_for_a_key_joins_the_first(void **state)
{
	struct fixture *f = *state;
	struct flight *first = lead(f, "http://a/x"), *second, *other;
	bool is_lead = true;

	assert_int_equal(
	    flight_join(&f->env, key_of("http://a/x"), 0, &second, &is_lead),
	    LR_OK);
	assert_false(is_lead);
	assert_ptr_equal(first, second);
	other = lead(f, "http://a/y");
	assert_ptr_not_equal(other, first);
	flight_leave_table(first);
	flight_leave_table(other);
	flight_unref(first);
	flight_unref(second);
	flight_unref(other);
}

static void
test_a_flight_that_left_the_table_is_not_joined(void **state)
{
	struct fixture *f = *state;
	struct flight *first = lead(f, "http://a/x"), *second;

	flight_land(first);
	second = lead(f, "http://a/x");
	assert_ptr_not_equal(first, second);
	flight_land(second);
	flight_land(second); /* twice does no harm */
	flight_unref(first);
	flight_unref(second);
}

static void
test_a_waiting_follower_wakes_once_for_what_came_together(void **state)
{
	struct fixture *f = *state;
	struct flight *fl = lead(f, "http://a/x");
	struct span spans[WINDOW_READ];
	struct flight_view v;
	struct follower *fo;
	int n;

	assert_int_equal(follower_create(fl, &f->env, wake, f, &fo), LR_OK);
	follower_view(fo, &v);
	assert_int_equal(v.state, FLIGHT_WAITING);
	assert_null(v.head);
	assert_int_equal(follower_wait(fo), LR_AGAIN);
	flight_publish(fl);
	append(fl, "hello ");
	append(fl, "world");
	flight_finish(fl, SLICE(""));
	assert_int_equal(f->wakes, 0); /* never from within */
	turn(f);
	assert_int_equal(f->wakes, 1);
	follower_view(fo, &v);
	assert_int_equal(v.state, FLIGHT_DONE);
	assert_int_equal(v.end, 11);
	assert_int_equal(follower_read(fo, 4, spans, &n), LR_OK);
	assert_int_equal(n, 2);
	assert_memory_equal(span_slice(spans[0]).p, "o ", 2);
	for (int i = 0; i < n; i++)
		block_unref(spans[i].block);
	follower_free(fo);
	flight_land(fl);
	flight_unref(fl);
}

static void
test_news_between_view_and_wait_are_not_missed(void **state)
{
	struct fixture *f = *state;
	struct flight *fl = lead(f, "http://a/x");
	struct flight_view v;
	struct follower *fo;

	assert_int_equal(follower_create(fl, &f->env, wake, f, &fo), LR_OK);
	follower_view(fo, &v);
	flight_publish(fl);
	assert_int_equal(follower_wait(fo), LR_OK);
	follower_free(fo);
	flight_land(fl);
	flight_unref(fl);
}

static void
test_a_follower_that_leaves_is_not_woken(void **state)
{
	struct fixture *f = *state;
	struct flight *fl = lead(f, "http://a/x");
	struct flight_view v;
	struct follower *fo;

	assert_int_equal(follower_create(fl, &f->env, wake, f, &fo), LR_OK);
	follower_view(fo, &v);
	assert_int_equal(follower_wait(fo), LR_AGAIN);
	flight_publish(fl); /* its wake is under way */
	follower_free(fo);
	turn(f);
	assert_int_equal(f->wakes, 0);
	assert_int_equal(flight_followers(fl), 0);
	flight_land(fl);
	flight_unref(fl);
}

static void
test_invalidation_dooms_a_resource_and_its_variants(void **state)
{
	struct fixture *f = *state;
	struct flight *plain = lead(f, "http://a/x");
	struct flight *variant = lead(f, "http://a/x\naccept:b\n");
	struct flight *longer = lead(f, "http://a/xy");

	flight_table_doom(f->env.flights, SLICE("http://a/x"), NULL);
	assert_true(flight_doomed(plain));
	assert_true(flight_doomed(variant));
	assert_false(flight_doomed(longer));
	assert_int_equal(flight_table_count(f->env.flights), 1);
	flight_land(longer);
	flight_unref(plain);
	flight_unref(variant);
	flight_unref(longer);
}

static void
test_a_flight_is_spared_by_its_own_invalidation_alone(void **state)
{
	struct fixture *f = *state;
	const struct cache_key none = { 0 };
	struct flight *post, *other;

	assert_int_equal(flight_create_solo(&f->env, none, &post), LR_OK);
	assert_int_equal(flight_list(post, key_of("http://a/x")), LR_OK);
	other = lead(f, "http://a/x");
	flight_table_doom(f->env.flights, SLICE("http://a/x"), post);
	assert_false(flight_doomed(post));
	assert_true(flight_doomed(other));
	flight_table_doom(f->env.flights, SLICE("http://a/x"), NULL);
	assert_true(flight_doomed(post));
	assert_int_equal(flight_table_count(f->env.flights), 0);
	flight_unref(post);
	flight_unref(other);
}

static void
test_a_solo_flight_is_joined_once_it_is_shared(void **state)
{
	struct fixture *f = *state;
	const struct cache_key key = key_of("http://a/x");
	struct flight *solo, *second, *found;

	assert_int_equal(flight_create_solo(&f->env, key, &solo), LR_OK);
	assert_int_equal(flight_create_solo(&f->env, key, &second), LR_OK);
	assert_int_equal(flight_follow(&f->env, key, &found), LR_NOTFOUND);
	flight_share(solo);
	flight_share(second); /* another can be joined */
	assert_int_equal(flight_follow(&f->env, key, &found), LR_OK);
	assert_ptr_equal(found, solo);
	flight_unref(found);
	flight_table_doom(f->env.flights, key.text, NULL);
	flight_share(second); /* doomed */
	assert_int_equal(flight_follow(&f->env, key, &found), LR_NOTFOUND);
	flight_unref(solo);
	flight_unref(second);
}

static void
test_a_private_key_is_remembered_for_a_while(void **state)
{
	struct fixture *f = *state;
	struct flight_table *t = f->env.flights;

	assert_false(flight_table_is_private(t, 42, 1000));
	flight_table_remember_private(t, 42, 1000);
	assert_true(flight_table_is_private(t, 42, 1000 + 60000));
	assert_false(flight_table_is_private(t, 43, 1000));
	assert_false(flight_table_is_private(t, 42, 1000 + 600000));
	flight_table_forget_private(t, 42);
	assert_false(flight_table_is_private(t, 42, 1001));
}

static void
test_an_unstored_body_waits_for_its_slowest_follower(void **state)
{
	struct fixture *f = *state;
	struct flight *fl = lead(f, "http://a/x");
	struct block *b = block_create(1 << 20);
	struct span spans[WINDOW_READ];
	struct follower *fo;
	int n;

	assert_int_equal(follower_create(fl, &f->env, wake, f, &fo), LR_OK);
	flight_publish(fl);
	assert_true(flight_has_room(fl));
	assert_int_equal(
	    flight_append(fl, (struct span){ b, 0, 1 << 20 }), LR_OK);
	assert_false(flight_has_room(fl));
	assert_int_equal(follower_read(fo, 1 << 20, spans, &n), LR_OK);
	assert_true(flight_has_room(fl));
	assert_int_equal(follower_read(fo, 0, spans, &n), LR_NOTFOUND);
	block_unref(b);
	follower_free(fo);
	flight_land(fl);
	flight_unref(fl);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_second_request_for_a_key_joins_the_first),
		TEST(test_a_flight_that_left_the_table_is_not_joined),
		TEST(test_a_waiting_follower_wakes_once_for_what_came_together),
		TEST(test_news_between_view_and_wait_are_not_missed),
		TEST(test_a_follower_that_leaves_is_not_woken),
		TEST(test_invalidation_dooms_a_resource_and_its_variants),
		TEST(test_a_flight_is_spared_by_its_own_invalidation_alone),
		TEST(test_a_solo_flight_is_joined_once_it_is_shared),
		TEST(test_a_private_key_is_remembered_for_a_while),
		TEST(test_an_unstored_body_waits_for_its_slowest_follower),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
