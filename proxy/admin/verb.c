/* proxy/admin/verb.c: the verbs and their answers in JSON */
#include "proxy/admin/verb.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proxy/admin/figure.h"

#define FORMAT 1 /* of the JSON; goes up when a key changes its meaning */
#define JSON_TYPE "application/json"
#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* Running out of memory makes NULLs, which jansson passes on; they are
 * found here, once. */
static void
reply_json(struct control_reply *reply, int status, json_t *take_json)
{
	char *text = json_dumps(take_json, JSON_INDENT(2));

	json_decref(take_json);
	reply->content_type = JSON_TYPE;
	reply->status = text != NULL ? status : 503;
	strbuf_add_cstr(
	    &reply->body, text != NULL ? text : "{\"error\": \"no memory\"}");
	strbuf_add_char(&reply->body, '\n');
	free(text);
}

/* Configurations may hold any bytes; JSON is UTF-8. */
static json_t *
text_of(struct slice s)
{
	json_t *text = json_stringn(s.p != NULL ? s.p : "", s.n);

	return text != NULL ? text : json_string("(not UTF-8)");
}

static json_t *
number(uint64_t v)
{
	return json_integer((json_int_t)v);
}

/* ---- status ---- */

static json_t *
listens_json(const struct control_view *v)
{
	json_t *list = json_array();

	for (size_t i = 0; i < v->n_listens; i++) {
		char text[ADDRESS_CHARS];
		size_t n = address_format(&v->listens[i], text);

		json_array_append_new(list, text_of(slice_make(text, n)));
	}
	return list;
}

/* How the store was opened; tokens, for programs. */
static json_t *
opening_json(const struct store_opening *o)
{
	static const char *const TOKENS[] = {
		[STORE_NEW] = "new",
		[STORE_CLEAN] = "clean",
		[STORE_CHECKED] = "checked",
		[STORE_ANEW] = "anew",
	};

	return json_pack("{s:s, s:s?, s:o, s:o}", "how", TOKENS[o->how], "why",
	    o->why, "objects", number(o->objects), "took_ms",
	    number((uint64_t)o->took_ms));
}

static json_t *
store_json(const struct control_view *v)
{
	if (!v->has_store)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "root",
	    text_of(v->conf->cache_root), "size_bytes",
	    number(v->conf->cache_size_bytes), "objects",
	    number(v->store.objects), "body_bytes", number(v->store.body_bytes),
	    "opening", opening_json(&v->opening));
}

static void
answer_status(const struct control_calls *calls, struct control_reply *reply)
{
	struct control_view v;

	calls->view(calls->ctx, &v);
	reply_json(reply, 200,
	    json_pack("{s:i, s:s, s:i, s:s, s:I, s:I, s:i, s:o, s:i, s:o}",
		"format", FORMAT, "version", LARDER_VERSION, "pid",
		(int)getpid(), "state", v.stopping ? "stopping" : "serving",
		"started_s", (json_int_t)(v.started_ms / 1000), "uptime_s",
		(json_int_t)((v.now_ms - v.started_ms) / 1000), "workers",
		(int)v.n_workers, "listens", listens_json(&v), "reloads",
		(int)v.reloads, "store", store_json(&v)));
}

/* ---- stats ---- */

static json_t *
counters_json(const uint64_t values[COUNTER_COUNT])
{
	json_t *object = json_object();

	for (int i = 0; i < COUNTER_COUNT; i++)
		json_object_set_new(
		    object, COUNTERS[i].name, number(values[i]));
	return object;
}

static json_t *
worker_json(const struct control_calls *calls, unsigned worker)
{
	const struct counters *c = calls->counters(calls->ctx, worker);
	uint64_t values[COUNTER_COUNT];

	for (int i = 0; i < COUNTER_COUNT; i++)
		values[i] = counter_get(c, (enum counter)i);
	return counters_json(values);
}

static json_t *
store_figures_json(const struct control_view *v)
{
	json_t *object;

	if (!v->has_store)
		return json_null();
	object = json_object();
	for (const struct store_figure *f = STORE_FIGURES; f->name != NULL; f++)
		json_object_set_new(
		    object, f->name, number(store_figure_get(f, &v->store)));
	return object;
}

static void
answer_stats(const struct control_calls *calls, struct control_reply *reply)
{
	uint64_t sums[COUNTER_COUNT];
	json_t *workers = json_array();
	struct control_view v;

	calls->view(calls->ctx, &v);
	figure_sum(calls, v.n_workers, sums);
	for (unsigned w = 0; w < v.n_workers; w++)
		json_array_append_new(workers, worker_json(calls, w));
	reply_json(reply, 200,
	    json_pack("{s:i, s:o, s:o, s:I, s:o}", "format", FORMAT, "total",
		counters_json(sums), "workers", workers, "flights",
		(json_int_t)v.flights, "store", store_figures_json(&v)));
}

static void
answer_metrics(const struct control_calls *calls, struct control_reply *reply)
{
	figure_metrics(calls, &reply->body);
	reply->content_type = METRICS_TYPE;
	reply->status = 200;
}

/* ---- hosts, reload, help ---- */

/* The lines of a text as a list. */
static json_t *
lines_json(struct slice text)
{
	json_t *list = json_array();

	while (text.n > 0) {
		size_t n = slice_find(text, '\n');

		if (n > 0)
			json_array_append_new(
			    list, text_of(slice_cut(text, 0, n)));
		text = slice_cut(text, n + 1, text.n);
	}
	return list;
}

static void
answer_reload(const struct control_calls *calls, struct control_reply *reply)
{
	struct strbuf messages = { 0 };
	enum lr rc = calls->reload(calls->ctx, &messages);

	reply_json(reply,
	    rc == LR_OK		   ? 200
		: rc == LR_INVALID ? 422
				   : 503,
	    json_pack("{s:i, s:s, s:o}", "format", FORMAT, "result",
		rc == LR_OK ? "reloaded" : "unchanged", "messages",
		lines_json(strbuf_slice(&messages))));
	strbuf_free(&messages);
}

static void
answer_help(const struct control_calls *calls, struct control_reply *reply)
{
	json_t *list = json_array();

	(void)calls;
	for (const struct verb *v = VERBS; v->path != NULL; v++)
		json_array_append_new(list,
		    json_pack("{s:s, s:s, s:s}", "method", v->method, "path",
			v->path, "help", v->help));
	reply_json(reply, 200,
	    json_pack("{s:i, s:o}", "format", FORMAT, "verbs", list));
}

const struct verb VERBS[] = {
	{ "GET", "/status", answer_status,
	    "What runs: version, process, addresses, the store and how "
	    "it was opened" },
	{ "GET", "/stats", answer_stats,
	    "All counters, in total and for each worker, and the store's" },
	{ "GET", "/metrics", answer_metrics,
	    "The same in the text format of Prometheus" },
	{ "POST", "/reload", answer_reload,
	    "Reads the configuration again; a wrong one changes nothing" },
	{ "GET", "/help", answer_help, "This list" },
	{ NULL, NULL, NULL, NULL },
};

static void
reply_error(struct control_reply *reply, int status, const char *error)
{
	reply_json(reply, status,
	    json_pack("{s:i, s:s}", "format", FORMAT, "error", error));
}

void
verb_answer(const char *method, const char *path,
    const struct control_calls *calls, struct control_reply *reply,
    const char **allow)
{
	*allow = NULL;
	for (const struct verb *v = VERBS; v->path != NULL; v++) {
		if (strcmp(v->path, path) != 0)
			continue;
		if (strcmp(v->method, method) == 0) {
			v->answer(calls, reply);
			return;
		}
		*allow = v->method;
	}
	if (*allow != NULL)
		reply_error(reply, 405, "this verb has another method");
	else
		reply_error(reply, 404, "no such verb; GET /help lists them");
}
