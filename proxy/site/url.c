/* proxy/site/url.c: finding "://" */
#include "proxy/site/url.h"

size_t
url_authority_offset(struct slice url)
{
	for (size_t i = 0; i + 2 < url.n; i++) {
		if (memcmp(url.p + i, "://", 3) == 0)
			return i + 3;
	}
	return 0;
}
