/* proxy/site/site_load.h: from configuration text to a site. */
#ifndef PROXY_SITE_SITE_LOAD_H
#define PROXY_SITE_SITE_LOAD_H

#include "proxy/site/site.h"
#include "store/base/strbuf.h"

struct site_source {
	const char *file; /* -f FILE; NULL: only text */
	const char *text; /* extra configuration, read after the file; may be
			   * NULL (the command line's one-liner) */
	const char *const *defines; /* -D NAME, for IfDefine */
	size_t n_defines;
	bool open_logs; /* false for -t: files are not created */
};

/* Reads, checks and builds.  Every message, "file:line: Directive: what
 * is wrong; what would be right" one per line, goes to messages: errors
 * and notices ("file:line: notice: …").  LR_INVALID when there was an error
 * (all of a file's errors are reported, not only the first);
 * LR_NOMEM. */
enum lr site_load(
    const struct site_source *src, struct strbuf *messages, struct site **out);

/* larder -S: the virtual hosts as understood. */
void site_describe(const struct site *s, struct strbuf *out);
/* larder -L: every directive with syntax, context, default and help. */
void site_list_directives(struct strbuf *out);
/* The same as a mdoc fragment for larder.conf(5), and as Markdown. */
void site_list_directives_mdoc(struct strbuf *out);
void site_list_directives_markdown(struct strbuf *out);

#endif
