/* proxy/site/worker_parameter.h: what may follow the URL of a ProxyPass. */
#ifndef PROXY_SITE_WORKER_PARAMETER_H
#define PROXY_SITE_WORKER_PARAMETER_H

#include "proxy/conf/directive.h"
#include "proxy/site/rules.h"

/* Takes "key=value", "nocanon" or "noquery" into the pass.  LR_INVALID:
 * reported. */
enum lr worker_parameter_read(
    struct directive_use *use, struct slice arg, struct proxy_pass *pass);

#endif
