/* tests/unit/proxy/admin/test_verb.c: what the control socket answers */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>

#include "proxy/admin/figure.h"
#include "proxy/admin/verb.h"

/* A daemon of two workers. */
struct fake {
	struct server_conf conf;
	struct address listens[2];
	struct counters workers[2];
	struct store_stats store;
	bool has_store, stopping;
	enum lr reload_rc;
	const char *reload_says;
};

static void
fake_view(void *ctx, struct control_view *out)
{
	struct fake *f = ctx;

	*out = (struct control_view){
		.now_ms = 61500,
		.started_ms = 1000,
		.conf = &f->conf,
		.listens = f->listens,
		.n_listens = 2,
		.n_workers = 2,
		.stopping = f->stopping,
		.reloads = 3,
		.flights = 4,
		.has_store = f->has_store,
		.store = f->store,
	};
}

static const struct counters *
fake_counters(void *ctx, unsigned worker)
{
	struct fake *f = ctx;

	return &f->workers[worker];
}

static enum lr
fake_reload(void *ctx, struct strbuf *messages)
{
	struct fake *f = ctx;

	strbuf_add_cstr(messages, f->reload_says);
	return f->reload_rc;
}

static void
fake_init(struct fake *f)
{
	*f = (struct fake){ .has_store = true };
	f->conf.cache_root = SLICE("/var/cache/larder");
	f->conf.cache_size_bytes = 1 << 20;
	f->store.objects = 7;
	f->store.evicted = 9;
	assert_int_equal(
	    address_parse(SLICE("127.0.0.1"), 80, &f->listens[0]), LR_OK);
	assert_int_equal(
	    address_parse(SLICE("::1"), 8080, &f->listens[1]), LR_OK);
	counter_add(&f->workers[0], COUNTER_HITS, 5);
	counter_add(&f->workers[1], COUNTER_HITS, 6);
	counter_add(&f->workers[0], COUNTER_CONNECTIONS_OPEN, 2);
	counter_add(&f->workers[1], COUNTER_CONNECTIONS_OPEN, (uint64_t)-1);
}

static struct control_reply
ask(struct fake *f, const char *method, const char *path, const char **allow)
{
	const struct control_calls calls = {
		.ctx = f,
		.view = fake_view,
		.counters = fake_counters,
		.reload = fake_reload,
	};
	struct control_reply reply = { 0 };

	verb_answer(method, path, &calls, &reply, allow);
	return reply;
}

/* The answer's JSON, to be given back; its status must be that. */
static json_t *
ask_json(struct fake *f, const char *method, const char *path, int status)
{
	const char *allow;
	struct control_reply reply = ask(f, method, path, &allow);
	json_error_t error;
	json_t *json = json_loadb(reply.body.p, reply.body.n, 0, &error);

	assert_int_equal(reply.status, status);
	assert_string_equal(reply.content_type, "application/json");
	assert_non_null(json);
	assert_int_equal(
	    json_integer_value(json_object_get(json, "format")), 1);
	strbuf_free(&reply.body);
	return json;
}

static json_int_t
integer_at(json_t *json, const char *a, const char *b)
{
	json_t *v = json_object_get(json, a);

	if (b != NULL)
		v = json_object_get(v, b);
	assert_true(json_is_integer(v));
	return json_integer_value(v);
}

static void
test_status_tells_what_runs(void **state)
{
	struct fake f;
	json_t *json, *listens;

	(void)state;
	fake_init(&f);
	json = ask_json(&f, "GET", "/status", 200);
	assert_int_equal(integer_at(json, "pid", NULL), getpid());
	assert_int_equal(integer_at(json, "uptime_s", NULL), 60);
	assert_int_equal(integer_at(json, "workers", NULL), 2);
	assert_int_equal(integer_at(json, "reloads", NULL), 3);
	assert_int_equal(integer_at(json, "store", "objects"), 7);
	assert_int_equal(integer_at(json, "store", "size_bytes"), 1 << 20);
	listens = json_object_get(json, "listens");
	assert_string_equal(
	    json_string_value(json_array_get(listens, 0)), "127.0.0.1:80");
	assert_string_equal(
	    json_string_value(json_array_get(listens, 1)), "[::1]:8080");
	assert_string_equal(
	    json_string_value(json_object_get(json, "state")), "serving");
	json_decref(json);
}

static void
test_status_without_a_store_and_while_stopping(void **state)
{
	struct fake f;
	json_t *json;

	(void)state;
	fake_init(&f);
	f.has_store = false;
	f.stopping = true;
	json = ask_json(&f, "GET", "/status", 200);
	assert_true(json_is_null(json_object_get(json, "store")));
	assert_string_equal(
	    json_string_value(json_object_get(json, "state")), "stopping");
	json_decref(json);
}

static void
test_stats_add_up_over_the_workers(void **state)
{
	struct fake f;
	json_t *json, *workers;

	(void)state;
	fake_init(&f);
	json = ask_json(&f, "GET", "/stats", 200);
	workers = json_object_get(json, "workers");
	assert_int_equal(integer_at(json, "total", "hits"), 11);
	assert_int_equal(integer_at(json, "total", "connections_open"), 1);
	assert_int_equal(
	    integer_at(json_array_get(workers, 1), "hits", NULL), 6);
	assert_int_equal(
	    json_object_size(json_object_get(json, "total")), COUNTER_COUNT);
	assert_int_equal(integer_at(json, "flights", NULL), 4);
	assert_int_equal(integer_at(json, "store", "evicted"), 9);
	json_decref(json);
}

static void
test_metrics_have_a_type_a_help_and_a_value(void **state)
{
	const char *allow;
	struct control_reply reply;
	struct fake f;

	(void)state;
	fake_init(&f);
	reply = ask(&f, "GET", "/metrics", &allow);
	assert_int_equal(reply.status, 200);
	assert_non_null(strstr(reply.content_type, "version=0.0.4"));
	assert_non_null(strstr(reply.body.p,
	    "# HELP larder_hits_total Requests answered from the cache.\n"
	    "# TYPE larder_hits_total counter\n"
	    "larder_hits_total 11\n"));
	assert_non_null(strstr(reply.body.p,
	    "# TYPE larder_connections_open gauge\n"
	    "larder_connections_open 1\n"));
	assert_non_null(strstr(reply.body.p, "\nlarder_store_objects 7\n"));
	assert_non_null(
	    strstr(reply.body.p, "\nlarder_store_evicted_total 9\n"));
	assert_non_null(strstr(reply.body.p, "\nlarder_workers 2\n"));
	strbuf_free(&reply.body);
}

static void
test_a_good_reload_says_so(void **state)
{
	struct fake f;
	json_t *json;

	(void)state;
	fake_init(&f);
	f.reload_says = "x.conf:3: notice: ServerTokens means nothing here\n";
	json = ask_json(&f, "POST", "/reload", 200);
	assert_string_equal(
	    json_string_value(json_object_get(json, "result")), "reloaded");
	assert_int_equal(json_array_size(json_object_get(json, "messages")), 1);
	json_decref(json);
}

static void
test_a_bad_reload_gives_every_message(void **state)
{
	struct fake f;
	json_t *json, *messages;

	(void)state;
	fake_init(&f);
	f.reload_rc = LR_INVALID;
	f.reload_says = "x:1: A: wrong; right\nx:2: \xff: wrong; right\n";
	json = ask_json(&f, "POST", "/reload", 422);
	messages = json_object_get(json, "messages");
	assert_string_equal(
	    json_string_value(json_object_get(json, "result")), "unchanged");
	assert_string_equal(json_string_value(json_array_get(messages, 0)),
	    "x:1: A: wrong; right");
	assert_string_equal(
	    json_string_value(json_array_get(messages, 1)), "(not UTF-8)");
	json_decref(json);
}

static void
test_help_lists_every_verb(void **state)
{
	struct fake f;
	json_t *json, *verbs;
	size_t n = 0;

	(void)state;
	fake_init(&f);
	json = ask_json(&f, "GET", "/help", 200);
	verbs = json_object_get(json, "verbs");
	for (; VERBS[n].path != NULL; n++)
		assert_string_equal(json_string_value(json_object_get(
					json_array_get(verbs, n), "path")),
		    VERBS[n].path);
	assert_int_equal(json_array_size(verbs), n);
	json_decref(json);
}

static void
test_other_verbs_and_methods_are_refused(void **state)
{
	struct control_reply reply;
	const char *allow;
	struct fake f;

	(void)state;
	fake_init(&f);
	json_decref(ask_json(&f, "GET", "/nothing", 404));
	json_decref(ask_json(&f, "GET", "/status/", 404));
	reply = ask(&f, "GET", "/reload", &allow);
	assert_int_equal(reply.status, 405);
	assert_string_equal(allow, "POST");
	strbuf_free(&reply.body);
	reply = ask(&f, "GET", "/nothing", &allow);
	assert_null(allow);
	strbuf_free(&reply.body);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status_tells_what_runs),
		cmocka_unit_test(
		    test_status_without_a_store_and_while_stopping),
		cmocka_unit_test(test_stats_add_up_over_the_workers),
		cmocka_unit_test(test_metrics_have_a_type_a_help_and_a_value),
		cmocka_unit_test(test_a_good_reload_says_so),
		cmocka_unit_test(test_a_bad_reload_gives_every_message),
		cmocka_unit_test(test_help_lists_every_verb),
		cmocka_unit_test(test_other_verbs_and_methods_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
