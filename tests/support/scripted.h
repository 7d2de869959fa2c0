/* tests/support/scripted.h: a server that does what a script says, on a
 * thread of its own with blocking sockets. */
#ifndef TESTS_SUPPORT_SCRIPTED_H
#define TESTS_SUPPORT_SCRIPTED_H

#include <stddef.h>
#include <stdint.h>

#include "store/base/slice.h"

enum scripted_act {
	SCRIPT_ACCEPT,	   /* the next connection (the one before is closed) */
	SCRIPT_EXPECT,	   /* reads until `text` is the end of what came */
	SCRIPT_READ_BYTES, /* reads over n bytes */
	SCRIPT_READ_END,   /* reads until the client's end or a reset */
	SCRIPT_SEND,	   /* text */
	SCRIPT_SEND_SPLIT, /* text, byte by byte */
	SCRIPT_SEND_BYTES, /* n bytes of scripted_byte */
	SCRIPT_END,	   /* shuts the sending side down */
	SCRIPT_CLOSE,
	SCRIPT_RESET,
	SCRIPT_SIGNAL, /* lets scripted_wait return */
	SCRIPT_WAIT    /* until scripted_go */
};

struct scripted_step {
	enum scripted_act act;
	const char *text;
	uint64_t n;
};

struct scripted;

/* Starts to play `steps` (n of them, borrowed) on a loopback socket of that
 * family. */
struct scripted *scripted_start(
    int family, const struct scripted_step *steps, size_t n);
#define SCRIPTED(family, steps) \
	scripted_start(family, steps, sizeof(steps) / sizeof(steps[0]))

/* "http://127.0.0.1:4711", "unix:/tmp/…|http://localhost". */
struct slice scripted_url(const struct scripted *s);
/* Waits for the next SCRIPT_SIGNAL. */
void scripted_wait(struct scripted *s);
void scripted_go(struct scripted *s);
/* Waits for the script's end and frees.  NULL, or which step did not go
 * as the script says (static text). */
const char *scripted_join(struct scripted *s);

/* Byte number i of SCRIPT_SEND_BYTES. */
static inline char
scripted_byte(uint64_t i)
{
	return (char)(i * 31 + (i >> 8) * 7 + (i >> 16));
}

#endif
