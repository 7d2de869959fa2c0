/* tests/unit/proxy/cache/made.h: messages, entries and policies for the
 * tests of proxy/cache, made in one line.
 *
 * All memory is one arena per test program, given back at its end. */
#ifndef TESTS_UNIT_PROXY_CACHE_MADE_H
#define TESTS_UNIT_PROXY_CACHE_MADE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proxy/cache/control.h"
#include "proxy/cache/entry.h"
#include "proxy/cache/policy.h"
#include "proxy/http/message.h"

/* Noon, Sat 21 Nov 2026: when every test happens. */
#define NOW 1795262400
#define DATE_NOW "Date: Sat, 21 Nov 2026 12:00:00 GMT"
#define DATE_BEFORE_1H "Date: Sat, 21 Nov 2026 11:00:00 GMT"
#define EXPIRES_IN_1H "Expires: Sat, 21 Nov 2026 13:00:00 GMT"
#define EXPIRED_BY_1H "Expires: Sat, 21 Nov 2026 11:00:00 GMT"
#define MODIFIED_BEFORE_10H "Last-Modified: Sat, 21 Nov 2026 02:00:00 GMT"
#define BODY 1000 /* bytes */

static struct arena made_arena;
static struct strbuf made_blob; /* of the entry that was read last */

static inline int
made_free(void **state)
{
	(void)state;
	arena_free(&made_arena);
	strbuf_free(&made_blob);
	return 0;
}

static inline void
made_fields(struct http_msg *m, const char *const *lines)
{
	for (; *lines != NULL; lines++) {
		struct slice line = slice_of(*lines);
		size_t colon = slice_find(line, ':');

		assert_int_equal(
		    http_msg_add(m, slice_cut(line, 0, colon),
			slice_trim(slice_cut(line, colon + 1, line.n))),
		    LR_OK);
	}
}

static inline struct http_msg
made_request(
    enum http_method method, const char *target, const char *const *lines)
{
	struct http_msg m;

	http_msg_init(&m, &made_arena);
	m.method = method;
	m.target = slice_of(target);
	m.version_minor = 1;
	made_fields(&m, lines);
	return m;
}

static inline struct http_msg
made_response(int status, const char *const *lines)
{
	struct http_msg m;

	http_msg_init(&m, &made_arena);
	m.status = status;
	m.version_minor = 1;
	made_fields(&m, lines);
	return m;
}

/* GET("Cookie: a=b") and ANSWER(200, "Age: 3", "ETag: x"): at least one
 * field line; PLAIN where there is nothing to say. */
#define GET(...) \
	made_request(HTTP_GET, "/a", (const char *const[]){ __VA_ARGS__, NULL })
#define ANSWER(status, ...) \
	made_response((status), (const char *const[]){ __VA_ARGS__, NULL })
#define PLAIN "X-Plain: yes"

static inline struct cache_policy
made_policy(void)
{
	struct cache_policy p;

	cache_policy_init(&p);
	p.enabled = true;
	return p;
}

static inline struct control_request
made_request_control(struct http_msg req)
{
	struct control_request cc;

	control_parse_request(&req, &cc);
	return cc;
}

static inline struct control_response
made_response_control(struct http_msg resp)
{
	struct cache_policy policy = made_policy();
	struct control_response cc;

	control_parse_response(&resp, &policy, &cc);
	return cc;
}

/* The entry of a response that took no time to arrive at NOW. */
static inline struct entry
made_entry(struct http_msg resp)
{
	struct http_msg req = GET(PLAIN);
	struct cache_policy policy = made_policy();
	struct control_response cc = made_response_control(resp);
	struct entry e;

	entry_from_response(&req, &resp, &cc, &policy, BODY, NOW, NOW, &e);
	return e;
}

/* The same as it would be read back from the store; until the next call. */
static inline struct entry
made_stored(struct http_msg resp)
{
	struct cache_policy policy = made_policy();
	struct control_response cc = made_response_control(resp);
	struct entry in = made_entry(resp), out;

	strbuf_reset(&made_blob);
	entry_encode(&in, SLICE("http://a/"), slice_make(NULL, 0), &resp, &cc,
	    &policy, &made_blob);
	assert_int_equal(entry_decode(strbuf_slice(&made_blob), &out), LR_OK);
	return out;
}

#define assert_slice_equal(got, text) \
	do { \
		struct slice got_ = (got); \
		assert_int_equal(got_.n, strlen(text)); \
		assert_memory_equal(got_.n > 0 ? got_.p : "", text, got_.n); \
	} while (0)

#endif
