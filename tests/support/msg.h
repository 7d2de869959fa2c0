/* tests/support/msg.h: message heads from text, for unit tests.
 *
 * Lines end in LF or CRLF, the last one need not.  The first line is the
 * request or status line; without one the text is all fields, of
 * "GET / HTTP/1.1" or "HTTP/1.1 200 OK".  Host is not asked for.  Text that
 * is no head ends the program: the test is wrong then. */
#ifndef TESTS_SUPPORT_MSG_H
#define TESTS_SUPPORT_MSG_H

#include "proxy/http/message.h"

/* Never NULL; for test_msg_free.  The text is copied. */
struct http_msg *test_request(const char *head_text);
struct http_msg *test_response(const char *head_text);
/* An empty message with an arena of its own, to be written to. */
struct http_msg *test_msg(void);
/* With its arena.  Takes NULL. */
void test_msg_free(struct http_msg *m);

/* "Name: value\n…" of all fields, in the message's arena, with a NUL. */
const char *test_msg_fields(const struct http_msg *m);

#endif
