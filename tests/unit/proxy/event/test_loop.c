/* tests/unit/proxy/event/test_loop.c: turns, descriptors, deadlines, tasks */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/socket.h>
#include <unistd.h>

#include "proxy/event/loop.h"
#include "tests/support/turning.h"

/* Everything that happens leaves a letter. */
struct diary {
	struct loop *loop;
	char text[64];
	size_t n;
};

struct entry {
	struct diary *diary;
	struct task task;
	struct entry *then; /* deferred by this one */
	char letter;
	bool last; /* stops the loop */
};

static void
note(struct diary *d, char letter)
{
	assert_true(d->n + 1 < sizeof(d->text));
	d->text[d->n++] = letter;
	d->text[d->n] = '\0';
}

static void
entry_run(void *ctx)
{
	struct entry *e = ctx;

	note(e->diary, e->letter);
	if (e->then != NULL)
		loop_defer(e->diary->loop, &e->then->task);
	if (e->last)
		loop_stop(e->diary->loop);
}

static struct entry
entry_of(struct diary *d, char letter)
{
	struct entry e = { .diary = d, .letter = letter };

	e.task.fn = entry_run;
	return e;
}

static void
defer(struct entry *e)
{
	e->task.ctx = e;
	loop_defer(e->diary->loop, &e->task);
}

static void
test_tasks_run_once_in_the_order_they_were_deferred(void **state)
{
	struct diary d = { .loop = turning_loop() };
	struct entry a = entry_of(&d, 'a'), b = entry_of(&d, 'b');
	struct entry c = entry_of(&d, 'c');

	(void)state;
	c.last = true;
	defer(&a);
	defer(&b);
	defer(&a);
	defer(&c);
	assert_true(turning_run(d.loop));
	assert_string_equal(d.text, "abc");
	loop_free(d.loop);
}

static void
test_a_task_of_a_task_runs_a_turn_later_without_waiting(void **state)
{
	struct diary d = { .loop = turning_loop() };
	struct entry a = entry_of(&d, 'a'), b = entry_of(&d, 'b');
	struct entry c = entry_of(&d, 'c');

	(void)state;
	a.then = &c;
	c.task.ctx = &c;
	c.last = true;
	defer(&a);
	defer(&b);
	assert_true(turning_run(d.loop));
	assert_string_equal(d.text, "abc");
	loop_free(d.loop);
}

static void
test_an_undeferred_task_does_not_run(void **state)
{
	struct diary d = { .loop = turning_loop() };
	struct entry a = entry_of(&d, 'a'), b = entry_of(&d, 'b');
	struct entry c = entry_of(&d, 'c'), e = entry_of(&d, 'e');

	(void)state;
	defer(&a);
	defer(&b);
	defer(&c);
	loop_undefer(d.loop, &b.task); /* middle */
	loop_undefer(d.loop, &b.task);
	loop_undefer(d.loop, &a.task); /* first */
	loop_undefer(d.loop, &c.task); /* last and only */
	defer(&e);
	defer(&b);
	loop_undefer(d.loop, &b.task); /* last of two */
	a.last = true;
	defer(&a);
	assert_true(turning_run(d.loop));
	assert_string_equal(d.text, "ea");
	loop_free(d.loop);
}

static struct entry *victim;

static void
kill_victim(void *ctx)
{
	struct diary *d = ctx;

	note(d, 'k');
	loop_undefer(d->loop, &victim->task);
	assert_false(victim->task.queued);
	loop_stop(d->loop);
}

static void
test_a_task_may_undefer_one_of_its_own_turn(void **state)
{
	struct diary d = { .loop = turning_loop() };
	struct task killer = { .fn = kill_victim, .ctx = &d };
	struct entry v = entry_of(&d, 'v');

	(void)state;
	victim = &v;
	loop_defer(d.loop, &killer);
	defer(&v);
	assert_true(turning_run(d.loop));
	assert_string_equal(d.text, "k");
	loop_free(d.loop);
}

static void
stop_at_deadline(void *ctx)
{
	struct diary *d = ctx;

	note(d, 'd');
	loop_stop(d->loop);
}

static void
test_a_deadline_ends_a_wait_and_is_not_early(void **state)
{
	struct diary d = { .loop = turning_loop() };
	int64_t start_us = clock_mono_us();
	struct deadline short_one;

	(void)state;
	deadline_init(&short_one, stop_at_deadline, &d);
	deadline_set(d.loop, &short_one, loop_now(d.loop).mono_ms + 150);
	assert_true(turning_run(d.loop));
	assert_string_equal(d.text, "d");
	assert_true(clock_mono_us() - start_us >= 149000);
	deadline_free(d.loop, &short_one);
	loop_free(d.loop);
}

static void
test_a_cleared_deadline_never_fires(void **state)
{
	struct diary d = { .loop = turning_loop() };
	struct deadline cleared, other;

	(void)state;
	deadline_init(&cleared, stop_at_deadline, &d);
	deadline_init(&other, stop_at_deadline, &d);
	deadline_set(d.loop, &cleared, loop_now(d.loop).mono_ms + 10);
	deadline_set(d.loop, &other, loop_now(d.loop).mono_ms + 250);
	deadline_clear(&cleared);
	assert_true(turning_run(d.loop));
	assert_string_equal(d.text, "d");
	assert_false(cleared.queued);
	deadline_set(d.loop, &cleared, INT64_MAX);
	assert_false(cleared.queued);
	loop_free(d.loop);
}

static void
test_an_earlier_deadline_is_moved(void **state)
{
	struct diary d = { .loop = turning_loop() };
	int64_t start_us = clock_mono_us();
	struct deadline dl;

	(void)state;
	deadline_init(&dl, stop_at_deadline, &d);
	deadline_set(d.loop, &dl, loop_now(d.loop).mono_ms + 60000);
	deadline_set(d.loop, &dl, loop_now(d.loop).mono_ms + 50);
	assert_true(turning_run(d.loop));
	assert_true(clock_mono_us() - start_us < 5000000);
	loop_free(d.loop);
}

/* ---- descriptors ---- */

struct peep {
	struct diary diary;
	struct watch watch;
	int fds[2];
	unsigned seen;
};

static void
peep_open(struct peep *p)
{
	*p = (struct peep){ 0 };
	p->diary.loop = turning_loop();
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, p->fds), 0);
}

static void
peep_close(struct peep *p)
{
	watch_stop(&p->watch);
	watch_stop(&p->watch);
	close(p->fds[0]);
	close(p->fds[1]);
	loop_free(p->diary.loop);
}

static void
see(void *ctx, unsigned what)
{
	struct peep *p = ctx;

	p->seen |= what;
	note(&p->diary, (what & WATCH_READ) ? 'r' : '-');
}

static void
test_an_edge_is_told_once_without_being_read(void **state)
{
	struct peep p;

	(void)state;
	peep_open(&p);
	assert_int_equal(
	    watch_edge(p.diary.loop, &p.watch, p.fds[0], see, &p), LR_OK);
	assert_int_equal(write(p.fds[1], "x", 1), 1);
	turning_settle(p.diary.loop);
	assert_string_equal(p.diary.text, "r");
	assert_int_equal(p.seen, WATCH_READ | WATCH_WRITE);
	assert_int_equal(write(p.fds[1], "y", 1), 1);
	turning_settle(p.diary.loop);
	assert_string_equal(p.diary.text, "rr");
	peep_close(&p);
}

static void
test_a_level_is_told_again_and_again(void **state)
{
	struct peep p;

	(void)state;
	peep_open(&p);
	assert_int_equal(
	    watch_level(p.diary.loop, &p.watch, p.fds[0], see, &p), LR_OK);
	turning_settle(p.diary.loop);
	assert_int_equal(p.diary.n, 0);
	assert_int_equal(write(p.fds[1], "x", 1), 1);
	turning_settle(p.diary.loop);
	assert_true(p.diary.n >= 3);
	assert_int_equal(p.seen, WATCH_READ);
	peep_close(&p);
}

static void
test_the_end_of_the_peer_is_told_apart_from_bytes(void **state)
{
	struct peep p;

	(void)state;
	peep_open(&p);
	assert_int_equal(
	    watch_edge(p.diary.loop, &p.watch, p.fds[0], see, &p), LR_OK);
	turning_settle(p.diary.loop);
	assert_int_equal(p.seen & WATCH_CLOSED, 0);
	assert_int_equal(shutdown(p.fds[1], SHUT_WR), 0);
	turning_settle(p.diary.loop);
	assert_int_equal(p.seen & WATCH_CLOSED, WATCH_CLOSED);
	peep_close(&p);
}

static void
stop_watching(void *ctx, unsigned what)
{
	struct peep *p = ctx;

	(void)what;
	note(&p->diary, 's');
	watch_stop(&p->watch);
}

static void
test_a_watch_may_be_stopped_in_its_own_callback(void **state)
{
	struct peep p;

	(void)state;
	peep_open(&p);
	assert_int_equal(write(p.fds[1], "x", 1), 1);
	assert_int_equal(
	    watch_level(p.diary.loop, &p.watch, p.fds[0], stop_watching, &p),
	    LR_OK);
	turning_settle(p.diary.loop);
	assert_string_equal(p.diary.text, "s");
	peep_close(&p);
}

/* ---- time and ends ---- */

static int64_t first_ms, second_ms;

static void
read_time_twice(void *ctx)
{
	struct diary *d = ctx;
	int64_t start_us = clock_mono_us();

	first_ms = loop_now(d->loop).mono_ms;
	while (clock_mono_us() - start_us < 5000)
		; /* time goes on, the turn does not */
	second_ms = loop_now(d->loop).mono_ms;
	loop_stop(d->loop);
}

static void
test_time_stands_still_within_a_turn(void **state)
{
	struct diary d = { .loop = turning_loop() };
	struct task t = { .fn = read_time_twice, .ctx = &d };

	(void)state;
	loop_defer(d.loop, &t);
	assert_true(turning_run(d.loop));
	assert_int_equal(first_ms, second_ms);
	assert_true(loop_now(d.loop).mono_ms >= first_ms + 4);
	loop_free(d.loop);
}

static void
clean_up(void *ctx)
{
	note(ctx, 'c');
}

static void
test_cleanups_run_when_the_loop_goes_unless_removed(void **state)
{
	struct diary d = { .loop = turning_loop() };
	struct cleanup a = { .fn = clean_up, .ctx = &d };
	struct cleanup b = { .fn = clean_up, .ctx = &d };
	struct cleanup c = { .fn = clean_up, .ctx = &d };

	(void)state;
	loop_add_cleanup(d.loop, &a);
	loop_add_cleanup(d.loop, &b);
	loop_add_cleanup(d.loop, &c);
	loop_remove_cleanup(d.loop, &b);
	loop_remove_cleanup(d.loop, &b);
	loop_free(d.loop);
	assert_string_equal(d.text, "cc");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_tasks_run_once_in_the_order_they_were_deferred),
		cmocka_unit_test(
		    test_a_task_of_a_task_runs_a_turn_later_without_waiting),
		cmocka_unit_test(test_an_undeferred_task_does_not_run),
		cmocka_unit_test(test_a_task_may_undefer_one_of_its_own_turn),
		cmocka_unit_test(test_a_deadline_ends_a_wait_and_is_not_early),
		cmocka_unit_test(test_a_cleared_deadline_never_fires),
		cmocka_unit_test(test_an_earlier_deadline_is_moved),
		cmocka_unit_test(test_an_edge_is_told_once_without_being_read),
		cmocka_unit_test(test_a_level_is_told_again_and_again),
		cmocka_unit_test(
		    test_the_end_of_the_peer_is_told_apart_from_bytes),
		cmocka_unit_test(
		    test_a_watch_may_be_stopped_in_its_own_callback),
		cmocka_unit_test(test_time_stands_still_within_a_turn),
		cmocka_unit_test(
		    test_cleanups_run_when_the_loop_goes_unless_removed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
