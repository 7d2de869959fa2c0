/* proxy/conf/reference.h: documents made from the rows of directives. */
#ifndef PROXY_CONF_REFERENCE_H
#define PROXY_CONF_REFERENCE_H

#include "proxy/conf/directive.h"
#include "store/base/strbuf.h"

/* One directive, as plain text, as a list item of mdoc(7), and as a
 * section of Markdown. */
void reference_text(const struct directive *row, struct strbuf *out);
void reference_mdoc(const struct directive *row, struct strbuf *out);
void reference_markdown(const struct directive *row, struct strbuf *out);

#endif
