/* tests/unit/store/test_power_loss.c: the power goes out, at any moment
 *
 * A child lives a life that is known turn by turn, and all it does to the
 * disk is recorded.  Then the disk is made as it may be after a moment of
 * that life (tests/support/power_loss.h says what is lost), and a store is
 * opened from it.  LARDER_POWER_LOSS_ROUNDS sets how often (120). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/base/num.h"
#include "tests/support/disk_log.h"
#include "tests/support/power_loss.h"
#include "tests/support/store_script.h"

#define MIB ((uint64_t)1 << 20)
#define FIRST_MARK 2 /* turn; the lives of small stores begin early */
#define LIMIT_S 20   /* for opening a store and reading all of it */

struct life {
	uint64_t size_bytes;
	uint64_t turns;
	unsigned restarts;
	bool fast, evicts;
};

struct recorded {
	struct temp_store ts; /* that of the life; closed */
	struct power_loss *log;
};

static unsigned
rounds(void)
{
	const char *text = getenv("LARDER_POWER_LOSS_ROUNDS");
	uint64_t n = 120;

	if (text != NULL)
		num_parse_u64(slice_of(text), 100000, &n);
	return (unsigned)n;
}

/* ---- the life ---- */

static int
open_log(struct temp_store *ts)
{
	char path[4096];

	temp_store_path(ts, "log", path);
	return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void
mark(struct temp_store *ts, uint64_t turn)
{
	store_flush(ts->st);
	disk_log_mark(turn);
}

_Noreturn static void
live(struct temp_store *ts, const struct life *life)
{
	uint64_t part = life->turns / (life->restarts + 1);
	enum lr rc;

	disk_log_start(open_log(ts));
	if (temp_store_open(ts) != LR_OK)
		_exit(2);
	for (uint64_t turn = 1; turn <= life->turns; turn++) {
		rc = store_script_play(ts, turn);
		if (rc != LR_OK && !(life->evicts && rc == LR_FULL))
			_exit(3);
		if (turn == FIRST_MARK || turn % 9 == 0)
			mark(ts, turn);
		if (turn % part != 0)
			continue;
		temp_store_close(ts);
		if (temp_store_open(ts) != LR_OK)
			_exit(4);
	}
	mark(ts, life->turns);
	_exit(0);
}

static void
wait_for(pid_t pid, const char *what)
{
	int status;

	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (status != 0)
		print_error("# %s: wait status %#x\n", what, (unsigned)status);
	assert_int_equal(status, 0);
}

/* Lets a child live, and takes its log. */
static void
record(const struct life *life, struct recorded *out)
{
	char path[4096];
	pid_t pid;

	temp_store_init(&out->ts, life->size_bytes);
	out->ts.conf.fast = life->fast;
	if ((pid = fork()) == 0)
		live(&out->ts, life);
	wait_for(pid, "the life");
	temp_store_path(&out->ts, "log", path);
	out->log = power_loss_read(path);
	temp_store_path(&out->ts, "data.mdb", path);
	assert_true(power_loss_is_all(out->log, path));
}

static void
forget(struct recorded *rec)
{
	power_loss_free(rec->log);
	temp_store_delete(&rec->ts);
}

/* ---- afterwards ---- */

static bool
has_aside(const struct temp_store *ts)
{
	DIR *d = opendir(ts->dir);
	struct dirent *e;
	bool found = false;

	while (d != NULL && (e = readdir(d)) != NULL)
		found |= strncmp(e->d_name, "aside.", 6) == 0;
	if (d != NULL)
		closedir(d);
	return found;
}

/* It goes on: what is put now is found, also after a restart. */
static const char *
go_on(struct temp_store *ts)
{
	struct temp_object o = {
		.hash = 5000, .seed = 1, .head_bytes = 300, .body_bytes = 30000
	};

	if (temp_put(ts->st, &o, NULL) != LR_OK)
		return "it takes nothing";
	temp_store_close(ts);
	if (temp_store_open(ts) != LR_OK)
		return "it cannot be opened again";
	if (temp_check(ts->st, ts->rd, o.hash) != LR_OK)
		return "it keeps nothing";
	temp_store_close(ts);
	return NULL;
}

/* Nothing may be lost that was safe.  Before the first sync there is
 * nothing, and the file may be of any kind. */
static const char *
look_over(struct temp_store *ts, struct store_script *sc,
    const struct power_loss_facts *facts)
{
	const char *wrong;

	if (temp_store_open(ts) != LR_OK)
		return "it cannot be opened";
	if (facts->synced && has_aside(ts))
		return "it was moved aside";
	wrong = store_script_check(sc, ts, facts->next_mark);
	return wrong != NULL ? wrong : go_on(ts);
}

static const char *
find_nothing(struct temp_store *ts)
{
	struct store_stats stats;

	if (temp_store_open(ts) != LR_OK)
		return "it cannot be opened";
	store_stats_read(ts->st, &stats);
	if (stats.objects != 0 || has_aside(ts))
		return "something of it is left";
	return go_on(ts);
}

/* One loss and what is found then, in a child with a time limit.  sc: what
 * was safe; NULL: nothing may be. */
static void
lose_power(
    struct recorded *rec, size_t upto, uint64_t seed, struct store_script *sc)
{
	struct power_loss_facts facts;
	struct temp_store ts;
	const char *wrong;
	char what[64];
	pid_t pid;

	temp_store_init(&ts, rec->ts.conf.size_bytes);
	ts.conf.fast = rec->ts.conf.fast;
	power_loss_make(rec->log, upto, seed, ts.dir, &facts);
	if (sc != NULL)
		store_script_advance(sc, facts.safe_mark);
	if ((pid = fork()) == 0) {
		alarm(LIMIT_S);
		wrong = sc != NULL ? look_over(&ts, sc, &facts)
				   : find_nothing(&ts);
		if (wrong != NULL)
			fprintf(stderr, "# %s\n", wrong);
		_exit(wrong != NULL);
	}
	snprintf(what, sizeof(what), "entry %zu, seed %llu", upto,
	    (unsigned long long)seed);
	wait_for(pid, what);
	temp_store_delete(&ts);
}

/* The i-th of n moments, one in each n-th of the log. */
static size_t
moment(const struct recorded *rec, unsigned i, unsigned n)
{
	size_t all = power_loss_entries(rec->log), from = all * i / n;
	uint64_t word;

	temp_bytes((char *)&word, sizeof(word), all, i * 8);
	return from + (size_t)(word >> 8) % (all * (i + 1) / n - from + 1);
}

static void
lose_often(const struct life *life, unsigned times)
{
	struct store_script *sc = calloc(1, sizeof(*sc));
	struct recorded rec;

	assert_non_null(sc);
	sc->evicts = life->evicts;
	record(life, &rec);
	for (unsigned i = 0; i < times; i++)
		lose_power(&rec, moment(&rec, i, times), i, sc);
	forget(&rec);
	free(sc);
}

static void
test_whatever_is_found_after_a_power_loss_is_whole_and_nothing_safe_is_lost(
    void **state)
{
	const struct life life = {
		.size_bytes = 12 * MIB, .turns = 700, .restarts = 2
	};

	(void)state;
	lose_often(&life, rounds());
}

static void
test_likewise_in_a_store_that_evicts_all_the_time(void **state)
{
	const struct life life = { .size_bytes = 2 * MIB,
		.turns = 700,
		.restarts = 2,
		.evicts = true };

	(void)state;
	lose_often(&life, rounds() / 2);
}

/* The file's first moments, one by one. */
static void
test_a_store_that_is_just_being_made_can_be_opened(void **state)
{
	const struct life life = { .size_bytes = 2 * MIB, .turns = 9 };
	struct store_script *sc = calloc(1, sizeof(*sc));
	struct recorded rec;
	size_t n;

	(void)state;
	assert_non_null(sc);
	record(&life, &rec);
	n = power_loss_entries(rec.log);
	for (size_t upto = 0; upto < n && upto < rounds() / 4; upto++)
		lose_power(&rec, upto, upto, sc);
	forget(&rec);
	free(sc);
}

/* Of what was never synced nothing can be trusted. */
static void
test_without_syncs_a_power_loss_leaves_an_empty_store(void **state)
{
	const struct life life = {
		.size_bytes = 8 * MIB, .turns = 300, .fast = true
	};
	struct recorded rec;
	unsigned n = rounds() / 8;

	(void)state;
	record(&life, &rec);
	for (unsigned i = 1; i < n; i++) /* not before it says so */
		lose_power(&rec, moment(&rec, i, n), i, NULL);
	forget(&rec);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_whatever_is_found_after_a_power_loss_is_whole_and_nothing_safe_is_lost),
		cmocka_unit_test(
		    test_likewise_in_a_store_that_evicts_all_the_time),
		cmocka_unit_test(
		    test_a_store_that_is_just_being_made_can_be_opened),
		cmocka_unit_test(
		    test_without_syncs_a_power_loss_leaves_an_empty_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
