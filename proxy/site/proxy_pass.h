/* proxy/site/proxy_pass.h: the arguments of ProxyPass, ProxyPassMatch and
 * ProxyPassReverse. */
#ifndef PROXY_SITE_PROXY_PASS_H
#define PROXY_SITE_PROXY_PASS_H

#include "proxy/conf/directive.h"

directive_fn proxy_pass_set, proxy_pass_set_match, proxy_pass_set_reverse;

#endif
