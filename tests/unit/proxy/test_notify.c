/* tests/unit/proxy/test_notify.c: datagrams to the service manager */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "proxy/notify.h"

/* A socket that listens as a manager would, and NOTIFY_SOCKET set to it. */
static int
manager(bool abstract, char path[108])
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	snprintf(path, 108, "%s/tmp/larder-notify.%d", abstract ? "@" : "",
	    (int)getpid());
	memcpy(at.sun_path, path, strlen(path));
	if (abstract)
		at.sun_path[0] = '\0';
	assert_int_equal(
	    bind(fd, (struct sockaddr *)&at,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) +
		    strlen(path))),
	    0);
	setenv("NOTIFY_SOCKET", path, 1);
	return fd;
}

static void
assert_said(int fd, const char *start)
{
	char text[128] = "";

	assert_true(recv(fd, text, sizeof(text) - 1, 0) > 0);
	assert_memory_equal(text, start, strlen(start));
}

static void
test_a_manager_hears_of_every_change(void **state)
{
	char path[108];
	int fd = manager(false, path);

	(void)state;
	notify_ready();
	assert_said(fd, "READY=1");
	notify_reloading();
	assert_said(fd, "RELOADING=1\nMONOTONIC_USEC=");
	notify_stopping();
	assert_said(fd, "STOPPING=1");
	close(fd);
	unlink(path);
}

static void
test_an_abstract_name_is_understood(void **state)
{
	char path[108];
	int fd = manager(true, path);

	(void)state;
	notify_ready();
	assert_said(fd, "READY=1");
	close(fd);
}

static void
test_nobody_there_is_no_trouble(void **state)
{
	(void)state;
	unsetenv("NOTIFY_SOCKET");
	notify_ready();
	setenv("NOTIFY_SOCKET", "/nonexistent/socket", 1);
	notify_ready();
	setenv("NOTIFY_SOCKET", "vsock:2:1234", 1);
	notify_ready();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_manager_hears_of_every_change),
		cmocka_unit_test(test_an_abstract_name_is_understood),
		cmocka_unit_test(test_nobody_there_is_no_trouble),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
