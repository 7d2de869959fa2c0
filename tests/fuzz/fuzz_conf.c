/* tests/fuzz/fuzz_conf.c: a configuration of any bytes, and, when it
 * loads, a path of any bytes through it
 *
 * The path is what follows the last line feed. */
#include <stdlib.h>

#include "proxy/site/route.h"
#include "proxy/site/site_load.h"
#include "store/base/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Other files than the text are none of a fuzzer's business. */
static bool
reads_files(const char *text)
{
	return strcasestr(text, "include") != NULL;
}

static void
find_route(const struct site *s, struct slice target)
{
	struct slice path = slice_cut(target, 0, slice_find(target, '?'));
	struct arena arena = { 0 };
	struct address local;
	const struct vhost *vh;
	struct route r;

	CHECK(address_parse(SLICE("127.0.0.1"), 80, &local) == LR_OK);
	vh = site_vhost(s, &local, path);
	CHECK(vh != NULL && vh->server_name.n > 0);
	if (route_find(vh, path, target, &arena, &r) == LR_OK) {
		CHECK(r.settings != NULL);
		if (r.backend != NULL && slice_starts(path, SLICE("/")))
			CHECK(slice_starts(r.target, SLICE("/")));
		route_reverse_location(
		    vh, &r, target, SLICE("http://me"), &arena);
	}
	arena_free(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct strbuf messages = { 0 }, out = { 0 };
	struct site_source src = { 0 };
	struct site *s;
	char *text = calloc(1, n + 1);
	const char *last;

	if (text == NULL)
		return 0;
	if (n > 0)
		memcpy(text, data, n);
	src.text = text;
	last = strrchr(text, '\n');
	if (!reads_files(text) && site_load(&src, &messages, &s) == LR_OK) {
		site_describe(s, &out);
		find_route(s, slice_of(last != NULL ? last + 1 : ""));
		site_unref(s);
	}
	strbuf_free(&out);
	strbuf_free(&messages);
	free(text);
	return 0;
}
