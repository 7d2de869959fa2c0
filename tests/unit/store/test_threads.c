/* tests/unit/store/test_threads.c: all of the store at once
 *
 * Meant for the thread sanitizer as much as for what is asserted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "tests/support/temp_store.h"

#define MIB ((uint64_t)1 << 20)
#define HASHES 300u
#define PUTS 3000u /* of each putter, and more until enough has happened */
#define MOST_PUTS 300000u
#define HITS 100u
#define PUBLISHED 300u

struct stage {
	struct store *st;
	bool evicts; /* objects must have been evicted */
	_Atomic uint64_t hits, wrong, refused;
	_Atomic bool over;
};

static void
breathe(void)
{
	struct timespec ts = { 0, 200000 };

	nanosleep(&ts, NULL);
}

static uint64_t
length_of(uint64_t i)
{
	uint64_t word;

	temp_bytes((char *)&word, sizeof(word), 3, i * 8);
	return word % 50 == 0 ? word >> 8 & 0x3ffff : word >> 8 & 0x3fff;
}

/* How much the others and the writer come to do in the time of the putters is
 * the scheduler's and the disk's affair; and readers that are not scheduled
 * keep pages from being used again. */
static bool
is_enough(struct stage *s)
{
	struct store_stats stats;

	store_stats_read(s->st, &stats);
	return atomic_load(&s->hits) > HITS && stats.published > PUBLISHED &&
	    stats.updates > 0 && stats.removed > 0 && stats.scrubbed > 0 &&
	    (!s->evicts || stats.evicted > 0);
}

static void *
put_many(void *arg)
{
	struct stage *s = arg;
	struct temp_object o = { .head_bytes = 200 };
	struct fill *held = NULL;
	uint64_t i;
	enum lr rc;

	for (i = 0; i < PUTS || (i < MOST_PUTS && !is_enough(s)); i++) {
		o.hash = i * 7 % HASHES + 1;
		o.seed = i;
		o.body_bytes = length_of(i);
		rc = temp_put(s->st, &o, i % 5 == 0 ? &held : NULL);
		if (rc != LR_OK) {
			atomic_fetch_add(&s->refused, 1);
			breathe();
		}
		if (i % 40 == 0 && held != NULL)
			fill_abort(held);
		fill_free(held);
		held = NULL;
		if (i % 16 == 0)
			breathe();
	}
	return NULL;
}

static void *
read_all(void *arg)
{
	struct stage *s = arg;
	struct store_reader *rd;
	uint64_t i = 0;
	enum lr rc;

	if (store_reader_open(s->st, &rd) != LR_OK) {
		atomic_fetch_add(&s->wrong, 1);
		return NULL;
	}
	while (!atomic_load(&s->over)) {
		rc = temp_check(s->st, rd, i++ % HASHES + 1);
		if (rc == LR_OK)
			atomic_fetch_add(&s->hits, 1);
		else if (rc != LR_NOTFOUND)
			atomic_fetch_add(&s->wrong, 1);
	}
	store_reader_close(rd);
	return NULL;
}

static void
new_head(struct stage *s, const struct store_ref *ref, uint64_t i)
{
	struct store_object obj = { .hash = ref->hash,
		.primary_hash = ref->hash };
	struct temp_object o = { .hash = ref->hash,
		.head_bytes = TEMP_HEAD_MIN + i % 300 };
	struct store_reader *rd;
	struct slice head, body0;
	char bytes[TEMP_HEAD_MIN + 300];

	if (store_reader_open(s->st, &rd) != LR_OK)
		return;
	if (store_read_begin(rd) == LR_OK &&
	    store_read_head(rd, ref, &head, &body0) == LR_OK) {
		temp_head_read(head, &o);
		temp_head(bytes, &o);
		store_update(s->st, ref, &obj, slice_make(bytes, o.head_bytes),
		    NULL, NULL);
	}
	store_read_end(rd);
	store_reader_close(rd);
}

static void *
change_all(void *arg)
{
	struct stage *s = arg;
	struct store_stats stats;
	struct store_ref ref;
	uint64_t i = 0;

	while (!atomic_load(&s->over)) {
		i++;
		if (store_find(s->st, i * 11 % HASHES + 1, &ref) == LR_OK) {
			if (i % 3 == 0)
				store_remove_ref(s->st, &ref);
			else
				new_head(s, &ref, i);
			store_pin(s->st, &ref);
			store_unpin(s->st, &ref);
			store_unpin(s->st, &ref);
		}
		if (i % 4 == 0)
			store_remove(s->st, i * 13 % HASHES + 1);
		store_stats_read(s->st, &stats);
		breathe();
	}
	return NULL;
}

/* What others change meanwhile must not look damaged. */
static void *
scrub_all(void *arg)
{
	struct stage *s = arg;

	while (!atomic_load(&s->over)) {
		store_scrub(s->st);
		breathe();
	}
	return NULL;
}

static void
run_all(struct temp_store *ts, bool evicts)
{
	struct stage s = { .st = ts->st, .evicts = evicts };
	pthread_t putters[2], others[4];
	struct store_stats stats;
	int i;

	for (i = 0; i < 2; i++)
		pthread_create(&putters[i], NULL, put_many, &s);
	pthread_create(&others[0], NULL, read_all, &s);
	pthread_create(&others[1], NULL, read_all, &s);
	pthread_create(&others[2], NULL, change_all, &s);
	pthread_create(&others[3], NULL, scrub_all, &s);
	for (i = 0; i < 2; i++)
		pthread_join(putters[i], NULL);
	atomic_store(&s.over, true);
	for (i = 0; i < 4; i++)
		pthread_join(others[i], NULL);
	assert_int_equal(s.wrong, 0);
	assert_true(is_enough(&s));
	store_flush(ts->st);
	store_stats_read(ts->st, &stats);
	assert_int_equal(stats.corrupt, 0);
	assert_int_equal(stats.queue_bytes, 0);
}

static void
test_nobody_ever_reads_a_wrong_byte(void **state)
{
	struct temp_store ts;

	(void)state;
	temp_store_init(&ts, 32 * MIB);
	assert_int_equal(temp_store_open(&ts), LR_OK);
	run_all(&ts, false);
	temp_store_delete(&ts);
}

static void
test_nor_while_the_store_is_full(void **state)
{
	struct temp_store ts;

	(void)state;
	temp_store_init(&ts, 3 * MIB);
	assert_int_equal(temp_store_open(&ts), LR_OK);
	run_all(&ts, true);
	temp_store_delete(&ts);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nobody_ever_reads_a_wrong_byte),
		cmocka_unit_test(test_nor_while_the_store_is_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
