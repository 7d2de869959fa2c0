/* proxy/conf/diagnostic.h: what is wrong with a configuration, and where.
 *
 * Every message is one line, "file:line: Directive: what is wrong; what
 * would be right"; warnings and notices say so after the place.  Messages
 * are gathered, and written in the order of their places, since a
 * configuration is not looked at from top to bottom only.  One thread. */
#ifndef PROXY_CONF_DIAGNOSTIC_H
#define PROXY_CONF_DIAGNOSTIC_H

#include "proxy/conf/array.h"
#include "store/base/slice.h"
#include "store/base/status.h"
#include "store/base/strbuf.h"

struct place {
	struct slice file;
	unsigned line; /* from 1; 0: the file as a whole */
};

#define DIAGNOSTIC_ERRORS_MAX 100  /* errors shown; the rest is counted */
#define DIAGNOSTIC_OTHERS_MAX 1000 /* warnings and notices likewise */

/* A plain value; zeroed but for arena is ready. */
struct diagnostics {
	struct arena *arena;   /* borrowed; holds the messages */
	struct array messages; /* diagnostic.c's own */
	struct array files;    /* of struct slice, in order of appearance */
	size_t errors, others; /* counted, also those not kept */
	bool failed;	       /* a message found no memory */
};

/* subject: the directive or section; may be empty. */
void diagnostic_error(struct diagnostics *d, struct place at,
    struct slice subject, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* Something that is probably not meant so. */
void diagnostic_warning(struct diagnostics *d, struct place at,
    struct slice subject, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* Something accepted that does nothing here. */
void diagnostic_notice(struct diagnostics *d, struct place at,
    struct slice subject, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Appends all messages, by file and line.  LR_NOMEM. */
enum lr diagnostic_write(const struct diagnostics *d, struct strbuf *out);

#endif
