/* proxy/http/h1_write.h: HTTP/1.1 heads to bytes.
 *
 * Messages are always written anew from their fields, never copied
 * through.  Source: RFC 9112.  Pure; one thread. */
#ifndef PROXY_HTTP_H1_WRITE_H
#define PROXY_HTTP_H1_WRITE_H

#include "proxy/http/message.h"
#include "store/base/strbuf.h"

/* Request line, fields, blank line.  The target is written as it stands. */
void h1_write_request(struct strbuf *out, const struct http_msg *m);
/* Status line (HTTP/1.1 always), fields, blank line. */
void h1_write_response(struct strbuf *out, const struct http_msg *m);
/* Status line and fields, without the blank line: more fields follow. */
void h1_write_response_open(struct strbuf *out, const struct http_msg *m);
void h1_write_field(struct strbuf *out, struct slice name, struct slice value);
void h1_write_field_u64(struct strbuf *out, struct slice name, uint64_t v);

#define H1_CHUNK_HEAD_CHARS 18
/* "1a2b\r\n" before a chunk of n bytes (n > 0); how many characters. */
size_t h1_write_chunk_head(char dst[H1_CHUNK_HEAD_CHARS], uint64_t n);

#endif
