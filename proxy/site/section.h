/* proxy/site/section.h: <VirtualHost>, <Location>, <LocationMatch>,
 * <Proxy>. */
#ifndef PROXY_SITE_SECTION_H
#define PROXY_SITE_SECTION_H

#include "proxy/conf/directive.h"

/* What reads a section of that row, with all that is inside. */
directive_fn *section_setter(const struct directive *row);

#endif
