/* proxy/site/directives_ignored.c: directives of Apache that have nothing
 * to say to larder; they are accepted, with a notice that says why. */
#include "proxy/site/directives.h"
#include "proxy/site/scope.h"

#define IGNORED(name_, why) \
	{ \
		.name = (name_), .syntax = "...", \
		.help = "Accepted, without effect: " why, \
		.contexts = DIRECTIVES_ANYWHERE | DIRECTIVE_PROXY, \
		.most_args = DIRECTIVE_MANY, .set = scope_ignore \
	}
#define IGNORED_SECTION(name_, why) \
	{ \
		.name = (name_), .syntax = "...", \
		.help = "Accepted, without effect: " why, \
		.contexts = DIRECTIVES_ANYWHERE | DIRECTIVE_PROXY, \
		.most_args = DIRECTIVE_MANY, .is_section = true, \
		.set = scope_ignore \
	}

#define ONE_PROCESS "larder is one process with WorkerThreads threads."
#define NO_FILES "larder serves no files."
#define NO_SIGNATURE "larder's own pages and fields name no version."
#define OWN_STORE "the store lays out its own files."
#define EVENT_LOOP "an idle connection costs larder no thread."

static const struct directive ROWS[] = {
	IGNORED("AccessFileName", NO_FILES),
	IGNORED("AddDefaultCharset", NO_FILES),
	IGNORED("AllowOverride", NO_FILES),
	IGNORED("AsyncRequestWorkerFactor", EVENT_LOOP),
	IGNORED("CacheDirLength", OWN_STORE),
	IGNORED("CacheDirLevels", OWN_STORE),
	IGNORED("CacheLockPath", "waiting requests need no lock files."),
	IGNORED("CacheReadSize", OWN_STORE),
	IGNORED("CacheReadTime", OWN_STORE),
	IGNORED("CacheSocache", "there is one store, under CacheRoot."),
	IGNORED("CacheSocacheMaxSize", "there is one store, under CacheRoot."),
	IGNORED("CacheSocacheMaxTime", "there is one store, under CacheRoot."),
	IGNORED("CacheSocacheMinTime", "there is one store, under CacheRoot."),
	IGNORED("CacheSocacheReadSize", "there is one store, under CacheRoot."),
	IGNORED("CacheSocacheReadTime", "there is one store, under CacheRoot."),
	IGNORED("CoreDumpDirectory", "the system's settings decide."),
	IGNORED("DefaultRuntimeDir", "larder keeps no such files."),
	IGNORED("DirectoryIndex", NO_FILES),
	IGNORED("DocumentRoot", NO_FILES),
	IGNORED("EnableMMAP", NO_FILES),
	IGNORED("EnableSendfile", NO_FILES),
	IGNORED("FileETag", NO_FILES),
	IGNORED("HostnameLookups", "larder looks no client up."),
	IGNORED("MaxClients", EVENT_LOOP),
	IGNORED("MaxConnectionsPerChild", ONE_PROCESS),
	IGNORED("MaxMemFree", ONE_PROCESS),
	IGNORED("MaxRequestWorkers", EVENT_LOOP),
	IGNORED("MaxRequestsPerChild", ONE_PROCESS),
	IGNORED("MaxSpareServers", ONE_PROCESS),
	IGNORED("MaxSpareThreads", ONE_PROCESS),
	IGNORED("MinSpareServers", ONE_PROCESS),
	IGNORED("MinSpareThreads", ONE_PROCESS),
	IGNORED("Mutex", ONE_PROCESS),
	IGNORED("NameVirtualHost", "virtual hosts of one address are by name."),
	IGNORED("Options", NO_FILES),
	IGNORED("ProxyIOBufferSize", "buffers follow the traffic."),
	IGNORED("ProxyReceiveBufferSize", "the system's settings decide."),
	IGNORED("ScoreBoardFile", ONE_PROCESS),
	IGNORED("SendBufferSize", "the system's settings decide."),
	IGNORED("ReceiveBufferSize", "the system's settings decide."),
	IGNORED("ServerAdmin", "larder's own pages name nobody."),
	IGNORED("ServerLimit", ONE_PROCESS),
	IGNORED("ServerSignature", NO_SIGNATURE),
	IGNORED("ServerTokens", NO_SIGNATURE),
	IGNORED("StartServers", ONE_PROCESS),
	IGNORED("ThreadLimit", ONE_PROCESS),
	IGNORED("ThreadStackSize", ONE_PROCESS),
	IGNORED("ThreadsPerChild", ONE_PROCESS),
	IGNORED("TraceEnable", "TRACE is always answered by 405."),
	IGNORED("TypesConfig", NO_FILES),
	IGNORED("UseCanonicalName", "larder makes no links to itself."),
	IGNORED_SECTION("Directory", NO_FILES),
	IGNORED_SECTION("DirectoryMatch", NO_FILES),
	IGNORED_SECTION("Files", NO_FILES),
	IGNORED_SECTION("FilesMatch", NO_FILES),
};

struct directive_table
directives_ignored(void)
{
	return (struct directive_table){ ROWS, sizeof(ROWS) / sizeof(ROWS[0]) };
}
