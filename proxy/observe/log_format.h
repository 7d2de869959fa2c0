/* proxy/observe/log_format.h: Apache's LogFormat language.
 *
 * Every field of mod_log_config that means something here, the status
 * conditions (%400,501{User-Agent}i, %!200r) and fields of larder's own
 * (%{cache}x …); they stand in log_field.c's table, from which the manual
 * is made.  Untrusted text is escaped as Apache does: \" \\ \n \xhh. */
#ifndef PROXY_OBSERVE_LOG_FORMAT_H
#define PROXY_OBSERVE_LOG_FORMAT_H

#include "proxy/observe/record.h"
#include "store/base/strbuf.h"

struct log_format; /* compiled; immutable; any thread */

/* text is the format itself, not a name.  *why says what is wrong; static.
 * LR_INVALID, LR_NOMEM. */
enum lr log_format_compile(
    struct slice text, struct log_format **out, const char **why);
/* Takes NULL. */
void log_format_free(struct log_format *f);

/* Appends one line, with its newline. */
void log_format_write(
    const struct log_format *f, const struct record *r, struct strbuf *out);

/* The text of a built-in name ("common", "combined", …); empty when there
 * is none. */
struct slice log_format_builtin(struct slice name);

#endif
