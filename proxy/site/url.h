/* proxy/site/url.h: where the parts of a URL begin.  Pure. */
#ifndef PROXY_SITE_URL_H
#define PROXY_SITE_URL_H

#include "store/base/slice.h"

/* Behind the first "://"; 0 when there is none. */
size_t url_authority_offset(struct slice url);

#endif
