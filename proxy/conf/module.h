/* proxy/conf/module.h: Apache's modules, as LoadModule and IfModule name
 * them, and whether larder does their work.  Pure. */
#ifndef PROXY_CONF_MODULE_H
#define PROXY_CONF_MODULE_H

#include "store/base/slice.h"

enum module_kind {
	MODULE_UNKNOWN,
	MODULE_COVERED, /* larder does this itself */
	MODULE_MISSING	/* an Apache module whose work larder does not do */
};

/* "mod_proxy.c", "mod_proxy", "proxy_module" and "core.c" alike. */
enum module_kind module_find(struct slice name);

#endif
