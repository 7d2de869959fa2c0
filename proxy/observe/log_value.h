/* proxy/observe/log_value.h: how a value stands in a log line.
 *
 * All append to out; what is not there is "-".  Text is escaped as Apache
 * does (\" \\ \n \xhh), so that no peer can break a line or a quoted
 * field.  Pure. */
#ifndef PROXY_OBSERVE_LOG_VALUE_H
#define PROXY_OBSERVE_LOG_VALUE_H

#include "proxy/http/message.h"
#include "proxy/net/address.h"
#include "store/base/strbuf.h"

void log_value_none(struct strbuf *out);
void log_value_escape(struct strbuf *out, struct slice s);
/* Likewise; "-" when s is empty. */
void log_value_text(struct strbuf *out, struct slice s);
/* A duration or age; what is negative was never measured. */
void log_value_number(struct strbuf *out, int64_t v);
/* a may be NULL. */
void log_value_address(struct strbuf *out, const struct address *a);
void log_value_port(struct strbuf *out, const struct address *a);

/* All values of that name, joined by ", " (RFC 9110 5.3); false, and
 * nothing written, when there is none.  m may be NULL. */
bool log_value_fields(
    struct strbuf *out, const struct http_msg *m, struct slice name);
/* Likewise from a head as it went over the wire. */
bool log_value_wire_fields(
    struct strbuf *out, struct slice wire, struct slice name);

#endif
