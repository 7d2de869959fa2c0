/* proxy/observe/log_manual.h: the fields of LogFormat for people.
 *
 * Written from LOG_FIELDS, so that no document can be out of date. */
#ifndef PROXY_OBSERVE_LOG_MANUAL_H
#define PROXY_OBSERVE_LOG_MANUAL_H

#include "store/base/strbuf.h"

/* Columns for a terminal; a table; a list for larder.conf(5). */
void log_manual_text(struct strbuf *out);
void log_manual_markdown(struct strbuf *out);
void log_manual_mdoc(struct strbuf *out);

#endif
