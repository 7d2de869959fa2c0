/* proxy/versions.h: what larder is made of (larder -V). */
#ifndef PROXY_VERSIONS_H
#define PROXY_VERSIONS_H

#include "store/base/strbuf.h"

/* "larder 0.1.0", with a newline. */
void versions_own(struct strbuf *out);
/* That, and a line for each library, as they are at run time. */
void versions_all(struct strbuf *out);

#endif
