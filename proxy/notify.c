/* proxy/notify.c: datagrams to the service manager */
#include "proxy/notify.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* "/path", or "@name" of the abstract name space. */
static socklen_t
address_of(const char *name, struct sockaddr_un *out)
{
	size_t n = strlen(name);

	if ((name[0] != '/' && name[0] != '@') || n >= sizeof(out->sun_path))
		return 0;
	*out = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(out->sun_path, name, n);
	if (name[0] == '@')
		out->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
}

static void
send_text(const char *text)
{
	const char *name = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to;
	socklen_t bytes;
	int fd;

	if (name == NULL || (bytes = address_of(name, &to)) == 0)
		return;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	(void)sendto(fd, text, strlen(text), MSG_NOSIGNAL,
	    (const struct sockaddr *)&to, bytes);
	close(fd);
}

void
notify_ready(void)
{
	send_text("READY=1");
}

/* The manager tells an answer to this reload from an earlier one by the
 * time; the test clock has no part in it. */
void
notify_reloading(void)
{
	struct timespec now;
	char text[64];

	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
	    (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	send_text(text);
}

void
notify_stopping(void)
{
	send_text("STOPPING=1");
}
