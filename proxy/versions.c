/* proxy/versions.c: asking each library who it is */
#include "proxy/versions.h"

#define PCRE2_CODE_UNIT_WIDTH 8

#include <event2/event.h>
#include <jansson.h>
#include <lmdb.h>
#include <pcre2.h>
#include <xxhash.h>

#define PCRE2_VERSION_CHARS 64 /* the library asks for 24 */

void
versions_own(struct strbuf *out)
{
	strbuf_add_cstr(out, "larder " LARDER_VERSION "\n");
}

void
versions_all(struct strbuf *out)
{
	char pcre2[PCRE2_VERSION_CHARS] = "";
	unsigned xxh = XXH_versionNumber();
	int major, minor, patch;

	mdb_version(&major, &minor, &patch);
	pcre2_config(PCRE2_CONFIG_VERSION, pcre2);
	versions_own(out);
	strbuf_addf(out, "libevent %s\n", event_get_version());
	strbuf_addf(out, "LMDB %d.%d.%d\n", major, minor, patch);
	strbuf_addf(
	    out, "xxHash %u.%u.%u\n", xxh / 10000, xxh / 100 % 100, xxh % 100);
	strbuf_addf(out, "PCRE2 %s\n", pcre2);
	strbuf_addf(out, "jansson %s\n", jansson_version_str());
	strbuf_add_cstr(
	    out, "configuration: " LARDER_SYSCONFDIR "/larder.conf\n");
}
