/* tests/unit/proxy/admin/test_control.c: verbs over HTTP on a loop */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "proxy/admin/control.h"

struct fixture {
	struct loop *loop;
	struct control *control;
	struct sockaddr_un at;
	struct watch watch;
	int fd; /* the client's */
	struct strbuf answer;
};

static enum lr
no_reload(void *ctx, struct strbuf *messages)
{
	(void)ctx;
	strbuf_add_cstr(messages, "x:1: A: wrong; right\n");
	return LR_INVALID;
}

static const struct control_calls CALLS = { .reload = no_reload };

static int
setup(void **state)
{
	struct fixture *t = calloc(1, sizeof(*t));
	socklen_t n = sizeof(t->at);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	assert_non_null(t);
	t->at.sun_family = AF_UNIX; /* a name that the kernel chooses */
	assert_int_equal(
	    bind(fd, (struct sockaddr *)&t->at, sizeof(t->at.sun_family)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&t->at, &n), 0);
	assert_int_equal(listen(fd, 4), 0);
	assert_int_equal(loop_create(&t->loop), LR_OK);
	assert_int_equal(
	    control_start(t->loop, fd, &CALLS, NULL, &t->control), LR_OK);
	t->fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(connect(t->fd, (struct sockaddr *)&t->at, n), 0);
	fcntl(t->fd, F_SETFL, O_NONBLOCK);
	*state = t;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *t = *state;

	watch_stop(&t->watch);
	close(t->fd);
	control_stop(t->control);
	loop_free(t->loop);
	strbuf_free(&t->answer);
	free(t);
	return 0;
}

static void
on_answer(void *ctx, unsigned what)
{
	struct fixture *t = ctx;
	char piece[4096];
	ssize_t n = read(t->fd, piece, sizeof(piece));

	(void)what;
	if (n > 0)
		strbuf_add(&t->answer, piece, (size_t)n);
	else
		loop_stop(t->loop);
}

/* The whole answer to bytes that end the connection. */
static const char *
ask(struct fixture *t, const char *bytes)
{
	ssize_t n = (ssize_t)strlen(bytes);

	assert_int_equal(write(t->fd, bytes, (size_t)n), n);
	assert_int_equal(
	    watch_level(t->loop, &t->watch, t->fd, on_answer, t), LR_OK);
	loop_run(t->loop);
	assert_non_null(t->answer.p);
	return t->answer.p;
}

static void
test_a_verb_is_answered_over_http(void **state)
{
	const char *answer = ask(*state,
	    "GET /help HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

	assert_memory_equal(answer, "HTTP/1.1 200 OK\r\n", 17);
	assert_non_null(strstr(answer, "Content-Type: application/json\r\n"));
	assert_non_null(strstr(answer, "Cache-Control: no-store\r\n"));
	assert_non_null(strstr(answer, "\"/metrics\""));
}

static void
test_an_order_is_a_post(void **state)
{
	const char *answer = ask(*state,
	    "POST /reload HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n"
	    "Connection: close\r\n\r\n");

	assert_memory_equal(answer, "HTTP/1.1 422 ", 13);
	assert_non_null(strstr(answer, "x:1: A: wrong; right"));
}

static void
test_a_wrong_method_is_told_the_right_one(void **state)
{
	const char *answer = ask(*state,
	    "GET /reload HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

	assert_memory_equal(answer, "HTTP/1.1 405 ", 13);
	assert_non_null(strstr(answer, "Allow: POST\r\n"));
}

static void
test_garbage_gets_an_error(void **state)
{
	const char *answer = ask(*state, "what?\r\n\r\n");

	assert_non_null(strstr(answer, " 400 "));
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_verb_is_answered_over_http),
		TEST(test_an_order_is_a_post),
		TEST(test_a_wrong_method_is_told_the_right_one),
		TEST(test_garbage_gets_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
