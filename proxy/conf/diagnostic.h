/* proxy/conf/diagnostic.h: what is wrong with a configuration, and where.
 *
 * Every message is one line, "file:line: Directive: what is wrong; what
 * would be right"; warnings and notices say so after the place.  One
 * thread. */
#ifndef PROXY_CONF_DIAGNOSTIC_H
#define PROXY_CONF_DIAGNOSTIC_H

#include "store/base/slice.h"
#include "store/base/strbuf.h"

struct place {
	struct slice file;
	unsigned line; /* from 1; 0: the file as a whole */
};

#define DIAGNOSTIC_ERRORS_MAX 100 /* errors shown; the rest is counted */

/* A plain value; zeroed but for out is ready. */
struct diagnostics {
	struct strbuf *out; /* borrowed */
	size_t errors;
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

#endif
