/* tests/unit/proxy/test_restart_only.c: what a reload cannot change */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proxy/restart_only.h"

static const struct server_conf RUNNING = {
	.workers = 2,
	.user = { "www", 3 },
	.cache_root = { "/var/cache/larder", 17 },
	.cache_size_bytes = 1 << 20,
	.cache_sync_ms = 100,
	.backlog = 511,
	.drain_ms = 1000,
};

static void
test_nothing_is_said_of_what_may_change(void **state)
{
	struct server_conf wanted = RUNNING;
	struct strbuf sb = { 0 };

	(void)state;
	wanted.backlog = 1;
	wanted.drain_ms = 5;
	restart_only_tell(&RUNNING, &wanted, &sb);
	assert_int_equal(sb.n, 0);
	strbuf_free(&sb);
}

static void
test_each_change_that_has_to_wait_is_named(void **state)
{
	struct server_conf wanted = { .workers = 3,
		.user = SLICE("wwx"),
		.group = SLICE("g"),
		.pid_file = SLICE("p"),
		.control_socket = SLICE("c"),
		.cache_root = SLICE("/other"),
		.cache_size_bytes = 2 << 20,
		.cache_fast = true,
		.cache_sync_ms = 7,
		.cache_scrub_bytes_s = 9,
		.cache_policy = 2 };
	static const char *const NAMES[] = { "WorkerThreads", "User", "Group",
		"PidFile", "ControlSocket", "CacheRoot", "CacheSize",
		"CacheDurability", "CacheSyncInterval", "CacheScrubRate",
		"CacheEviction" };
	struct strbuf sb = { 0 };

	(void)state;
	restart_only_tell(&RUNNING, &wanted, &sb);
	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++)
		assert_non_null(strstr(sb.p, NAMES[i]));
	strbuf_free(&sb);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_is_said_of_what_may_change),
		cmocka_unit_test(test_each_change_that_has_to_wait_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
