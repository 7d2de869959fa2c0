/* proxy/http/h1_write.c: start lines, fields and chunk heads */
#include "proxy/http/h1_write.h"

void
h1_write_field(struct strbuf *out, struct slice name, struct slice value)
{
	strbuf_add_slice(out, name);
	strbuf_add(out, ": ", 2);
	strbuf_add_slice(out, value);
	strbuf_add(out, "\r\n", 2);
}

void
h1_write_field_u64(struct strbuf *out, struct slice name, uint64_t v)
{
	strbuf_add_slice(out, name);
	strbuf_add(out, ": ", 2);
	strbuf_add_u64(out, v);
	strbuf_add(out, "\r\n", 2);
}

static void
write_fields(struct strbuf *out, const struct http_msg *m)
{
	for (size_t i = 0; i < m->n_fields; i++)
		h1_write_field(out, m->fields[i].name, m->fields[i].value);
}

void
h1_write_request(struct strbuf *out, const struct http_msg *m)
{
	strbuf_add_slice(out, m->method_text);
	strbuf_add_char(out, ' ');
	strbuf_add_slice(out, m->target);
	strbuf_add_cstr(out, " HTTP/1.1\r\n");
	write_fields(out, m);
	strbuf_add(out, "\r\n", 2);
}

void
h1_write_response_open(struct strbuf *out, const struct http_msg *m)
{
	strbuf_add_cstr(out, "HTTP/1.1 ");
	strbuf_add_u64(out, (uint64_t)m->status);
	/* The blank stays when there is no reason (RFC 9112 4). */
	strbuf_add_char(out, ' ');
	strbuf_add_slice(out, m->reason);
	strbuf_add(out, "\r\n", 2);
	write_fields(out, m);
}

void
h1_write_response(struct strbuf *out, const struct http_msg *m)
{
	h1_write_response_open(out, m);
	strbuf_add(out, "\r\n", 2);
}

size_t
h1_write_chunk_head(char dst[H1_CHUNK_HEAD_CHARS], uint64_t n)
{
	unsigned shift = 0;
	size_t at = 0;

	while (n >> shift >> 4 != 0)
		shift += 4;
	for (;; shift -= 4) {
		dst[at++] = "0123456789abcdef"[n >> shift & 15];
		if (shift == 0)
			break;
	}
	dst[at++] = '\r';
	dst[at++] = '\n';
	return at;
}
