/* tests/support/msg.c: message heads from text */
#include "tests/support/msg.h"

#include <stdlib.h>

#include "proxy/http/h1_parse.h"
#include "store/base/check.h"

struct test_message {
	struct http_msg msg; /* first: test_msg_free casts back */
	struct arena arena;
};

struct http_msg *
test_msg(void)
{
	struct test_message *t = calloc(1, sizeof(*t));

	CHECK(t != NULL);
	http_msg_init(&t->msg, &t->arena);
	return &t->msg;
}

void
test_msg_free(struct http_msg *m)
{
	struct test_message *t = (struct test_message *)m;

	if (t == NULL)
		return;
	arena_free(&t->arena);
	free(t);
}

/* A copy of text in which every line ends in CRLF. */
static struct slice
with_crlf(struct arena *arena, const char *text)
{
	size_t n = 0, length = strlen(text);
	char *copy = arena_alloc(arena, 2 * length + 2);

	CHECK(copy != NULL);
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\n' && (n == 0 || copy[n - 1] != '\r'))
			copy[n++] = '\r';
		copy[n++] = text[i];
	}
	if (n > 0 && copy[n - 1] != '\n') {
		copy[n++] = '\r';
		copy[n++] = '\n';
	}
	return slice_make(copy, n);
}

/* Takes the next word and the blank behind it. */
static struct slice
next_word(struct slice *rest)
{
	size_t blank = slice_find(*rest, ' ');
	struct slice word = slice_cut(*rest, 0, blank);

	*rest = slice_cut(*rest, blank + 1, rest->n);
	return word;
}

/* Takes the first line, without its end. */
static struct slice
next_line(struct slice *rest)
{
	size_t end = slice_find(*rest, '\n');
	struct slice line = slice_cut(*rest, 0, end > 0 ? end - 1 : 0);

	*rest = slice_cut(*rest, end + 1, rest->n);
	return line;
}

static void
take_version(struct http_msg *m, struct slice version)
{
	CHECK(slice_starts(version, SLICE("HTTP/1.")) && version.n == 8);
	m->version_minor = version.p[7] != '0';
}

static void
take_fields(struct http_msg *m, struct slice text)
{
	const struct h1_limits lim = { 65536, 0, 65536 };

	if (slice_ends(text, SLICE("\r\n\r\n")))
		text.n -= 2;
	CHECK(h1_parse_fields(text, &lim, m) == LR_OK);
}

struct http_msg *
test_request(const char *head_text)
{
	struct http_msg *m = test_msg();
	struct slice text = with_crlf(m->arena, head_text), rest = text;
	struct slice line = next_line(&rest);

	m->method_text = next_word(&line);
	m->target = next_word(&line);
	if (slice_starts(line, SLICE("HTTP/"))) {
		take_version(m, line);
		text = rest;
	} else {
		m->method_text = SLICE("GET");
		m->target = SLICE("/");
	}
	m->method = http_method_from(m->method_text);
	take_fields(m, text);
	return m;
}

struct http_msg *
test_response(const char *head_text)
{
	struct http_msg *m = test_msg();
	struct slice text = with_crlf(m->arena, head_text), rest = text;
	struct slice line = next_line(&rest);

	m->status = 200;
	m->reason = SLICE("OK");
	if (slice_starts(text, SLICE("HTTP/"))) {
		take_version(m, next_word(&line));
		m->status = atoi(next_word(&line).p);
		m->reason = line;
		text = rest;
	}
	take_fields(m, text);
	return m;
}

const char *
test_msg_fields(const struct http_msg *m)
{
	size_t n = 1;
	char *text, *at;

	for (size_t i = 0; i < m->n_fields; i++)
		n += m->fields[i].name.n + m->fields[i].value.n + 3;
	CHECK((text = at = arena_alloc(m->arena, n)) != NULL);
	for (size_t i = 0; i < m->n_fields; i++) {
		const struct http_field *f = &m->fields[i];

		at = mempcpy(at, f->name.p, f->name.n);
		at = mempcpy(at, ": ", 2);
		if (f->value.n > 0)
			at = mempcpy(at, f->value.p, f->value.n);
		*at++ = '\n';
	}
	*at = '\0';
	return text;
}
