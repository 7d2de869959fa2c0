/* tests/unit/store/base/test_clock.c: time, and moving it from outside */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "store/base/clock.h"
#include "store/base/codec.h"

#define DAY_MS (24LL * 60 * 60 * 1000)

static void
test_the_clocks_are_the_systems(void **state)
{
	struct clock_time a = clock_read(), b;
	int64_t a_us = clock_mono_us();

	(void)state;
	assert_true(llabs(a.wall_ms / 1000 - (int64_t)time(NULL)) <= 1);
	usleep(2000);
	b = clock_read();
	assert_true(b.mono_ms > a.mono_ms);
	assert_true(clock_mono_us() - a_us >= 2000);
}

static void
test_a_missing_or_short_file_is_an_error(void **state)
{
	char path[] = "/tmp/larder-clock-XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	setenv("LARDER_CLOCK_FILE", path, 1);
	assert_int_equal(clock_init(), LR_IO);
	close(fd);
	unlink(path);
	assert_int_equal(clock_init(), LR_IO);
	unsetenv("LARDER_CLOCK_FILE");
	assert_int_equal(clock_init(), LR_OK);
}

static void
set_offset(int fd, int64_t offset_ms)
{
	unsigned char bytes[8];

	codec_put_le64(bytes, (uint64_t)offset_ms);
	assert_int_equal(pwrite(fd, bytes, 8, 0), 8);
}

static void
test_a_file_moves_the_time_while_it_runs(void **state)
{
	char path[] = "/tmp/larder-clock-XXXXXX";
	int fd = mkstemp(path);
	struct clock_time before = clock_read(), after;
	int64_t before_us = clock_mono_us();

	(void)state;
	assert_true(fd >= 0);
	set_offset(fd, 0);
	setenv("LARDER_CLOCK_FILE", path, 1);
	assert_int_equal(clock_init(), LR_OK);
	unlink(path);
	set_offset(fd, DAY_MS);
	after = clock_read();
	assert_in_range(after.wall_ms - before.wall_ms, DAY_MS, DAY_MS + 9999);
	assert_in_range(after.mono_ms - before.mono_ms, DAY_MS, DAY_MS + 9999);
	assert_true(clock_mono_us() - before_us < DAY_MS);
	set_offset(fd, -DAY_MS);
	assert_true(clock_read().wall_ms < before.wall_ms);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_clocks_are_the_systems),
		cmocka_unit_test(test_a_missing_or_short_file_is_an_error),
		cmocka_unit_test(test_a_file_moves_the_time_while_it_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
