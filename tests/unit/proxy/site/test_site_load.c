/* tests/unit/proxy/site/test_site_load.c: directives and their values */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "proxy/site/directives.h"
#include "proxy/site/route.h"
#include "store/policy.h"
#include "tests/support/conf_text.h"

#define YEAR_MS (365LL * 24 * 60 * 60 * 1000)

static void
assert_slice(struct slice got, const char *want)
{
	if (!slice_eq(got, slice_of(want)))
		fail_msg("\"%.*s\" is not \"%s\"", SLICE_ARG(got), want);
}

/* Loads without a word. */
static void
assert_accepted(const char *text)
{
	struct strbuf all = { 0 };
	char *said;
	enum lr rc;

	strbuf_addf(&all, "Listen 80\n%s\n", text);
	said = conf_messages(all.p, &rc);
	if (rc != LR_OK || said[0] != '\0')
		fail_msg("%s: %s%s", text, status_text(rc), said);
	free(said);
	strbuf_free(&all);
}

static void
test_an_empty_configuration_has_apaches_defaults(void **state)
{
	struct site *s = conf_site("");
	const struct vhost *vh = site_main(s);
	const struct server_conf *sv = site_server(s);

	(void)state;
	assert_int_equal(vh->timeout_ms, 60000);
	assert_true(vh->keep_alive);
	assert_int_equal(vh->keep_alive_timeout_ms, 5000);
	assert_int_equal(vh->max_keep_alive_requests, 1000); /* theirs: 100 */
	assert_int_equal(vh->limits.line_bytes, 8190);
	assert_int_equal(vh->limits.fields, 100);
	assert_int_equal(vh->limits.field_bytes, 8190);
	assert_int_equal(vh->head_timeout.first_ms, 20000);
	assert_int_equal(vh->head_timeout.most_ms, 40000);
	assert_int_equal(vh->head_timeout.min_rate, 500);
	assert_int_equal(vh->body_timeout.first_ms, 20000);
	assert_true(vh->body_timeout.most_ms == YEAR_MS);
	assert_int_equal(vh->body_timeout.min_rate, 500);
	assert_true(vh->cache_quick);
	assert_int_equal(vh->server_port, 0);
	assert_true(vh->server_name.n > 0);
	assert_null(vh->log);
	assert_int_equal(vh->n_access_logs, 0);
	assert_int_equal(sv->backlog, 511);
	assert_in_range(sv->workers, 1, 256);
	assert_int_equal(sv->drain_ms, 30000);
	assert_int_equal(sv->user.n, 0);
	assert_int_equal(sv->pid_file.n, 0);
	assert_int_equal(sv->control_socket.n, 0);
	site_unref(s);
}

static void
test_an_empty_configuration_has_no_store_but_defaults_for_one(void **state)
{
	struct site *s = conf_site("");
	const struct server_conf *sv = site_server(s);
	const struct settings *set = &site_main(s)->settings;
	struct cache_policy standard;

	(void)state;
	assert_int_equal(sv->cache_root.n, 0);
	assert_true(sv->cache_size_bytes == 1ULL << 30);
	assert_false(sv->cache_fast);
	assert_int_equal(sv->cache_sync_ms, 20);
	assert_int_equal(sv->cache_policy, POLICY_VALUE);
	assert_false(set->preserve_host);
	assert_true(set->add_headers);
	assert_true(set->via);
	assert_int_equal(set->limit_request_body, 1 << 30);
	/* the table of directives and the policy's own defaults agree */
	cache_policy_init(&standard);
	assert_int_equal(set->cache.enabled, standard.enabled);
	assert_int_equal(set->cache.lock, standard.lock);
	assert_int_equal(set->cache.lock_max_age_s, standard.lock_max_age_s);
	assert_int_equal(set->cache.min_file_bytes, standard.min_file_bytes);
	assert_int_equal(set->cache.max_file_bytes, standard.max_file_bytes);
	assert_int_equal(
	    set->cache.default_expire_s, standard.default_expire_s);
	assert_int_equal(set->cache.min_expire_s, standard.min_expire_s);
	assert_int_equal(set->cache.max_expire_s, standard.max_expire_s);
	assert_int_equal(set->cache.last_modified_factor_milli,
	    standard.last_modified_factor_milli);
	assert_int_equal(set->cache.stale_on_error, standard.stale_on_error);
	assert_int_equal(
	    set->cache.ignore_no_last_mod, standard.ignore_no_last_mod);
	assert_int_equal(set->cache.n_ignore_headers, 0);
	site_unref(s);
}

static void
test_directives_of_the_process_are_taken(void **state)
{
	struct site *s = conf_site("ServerRoot /srv/larder\n"
				   "User www\nGroup #33\nPidFile run/pid\n"
				   "ControlSocket /run/l.sock\n"
				   "WorkerThreads 3\nListenBackLog 7\n"
				   "GracefulShutdownTimeout 0\n"
				   "CacheRoot cache\nCacheSize 8G\n"
				   "CacheDurability fast\n"
				   "CacheSyncInterval 5s\n"
				   "CacheScrubRate 2M\n"
				   "CacheEviction fifo\n");
	const struct server_conf *sv = site_server(s);

	(void)state;
	assert_slice(sv->server_root, "/srv/larder");
	assert_slice(sv->user, "www");
	assert_slice(sv->group, "#33");
	assert_slice(sv->pid_file, "/srv/larder/run/pid");
	assert_slice(sv->control_socket, "/run/l.sock");
	assert_int_equal(sv->workers, 3);
	assert_int_equal(sv->backlog, 7);
	assert_true(sv->drain_ms == YEAR_MS);
	assert_slice(sv->cache_root, "/srv/larder/cache");
	assert_true(sv->cache_size_bytes == 8ULL << 30);
	assert_true(sv->cache_fast);
	assert_int_equal(sv->cache_sync_ms, 5000);
	assert_true(sv->cache_scrub_bytes_s == 2 << 20);
	assert_int_equal(sv->cache_policy, POLICY_FIFO);
	site_unref(s);
}

static void
test_directives_about_clients_are_taken(void **state)
{
	struct site *s = conf_site("ServerName HTTP://Www.Example.com:8080\n"
				   "Timeout 7\nKeepAlive off\n"
				   "KeepAliveTimeout 300ms\n"
				   "MaxKeepAliveRequests 0\n"
				   "LimitRequestLine 100\n"
				   "LimitRequestFields 0\n"
				   "LimitRequestFieldSize 200\n"
				   "LimitRequestBody 0\n"
				   "CacheQuickHandler off\n");
	const struct vhost *vh = site_main(s);

	(void)state;
	assert_slice(vh->server_name, "www.example.com");
	assert_int_equal(vh->server_port, 8080);
	assert_int_equal(vh->timeout_ms, 7000);
	assert_false(vh->keep_alive);
	assert_int_equal(vh->keep_alive_timeout_ms, 300);
	assert_int_equal(vh->max_keep_alive_requests, 0);
	assert_int_equal(vh->limits.line_bytes, 100);
	assert_int_equal(vh->limits.fields, 0);
	assert_int_equal(vh->limits.field_bytes, 200);
	assert_int_equal(vh->settings.limit_request_body, 0);
	assert_false(vh->cache_quick);
	site_unref(s);
}

static void
test_directives_about_the_cache_are_taken(void **state)
{
	struct site *s = conf_site(
	    "CacheLock on\nCacheLockMaxAge 9\n"
	    "CacheMinFileSize 2K\nCacheMaxFileSize 3M\n"
	    "CacheDefaultExpire 1\nCacheMinExpire 2\n"
	    "CacheMaxExpire 1d\n"
	    "CacheLastModifiedFactor 0.25\n"
	    "CacheIgnoreCacheControl on\n"
	    "CacheIgnoreNoLastMod on\n"
	    "CacheIgnoreQueryString on\n"
	    "CacheIgnoreHeaders Set-Cookie X-A\n"
	    "CacheIgnoreHeaders X-B\n"
	    "CacheStoreExpired on\nCacheStoreNoStore on\n"
	    "CacheStorePrivate on\n"
	    "CacheStaleOnError off\n");
	const struct cache_policy *p = &site_main(s)->settings.cache;

	(void)state;
	assert_true(p->lock);
	assert_int_equal(p->lock_max_age_s, 9);
	assert_int_equal(p->min_file_bytes, 2048);
	assert_int_equal(p->max_file_bytes, 3 << 20);
	assert_int_equal(p->default_expire_s, 1);
	assert_int_equal(p->min_expire_s, 2);
	assert_int_equal(p->max_expire_s, 86400);
	assert_int_equal(p->last_modified_factor_milli, 250);
	assert_true(p->ignore_cache_control && p->ignore_no_last_mod);
	assert_true(p->ignore_query && p->store_expired);
	assert_true(p->store_no_store && p->store_private);
	assert_false(p->stale_on_error);
	assert_int_equal(p->n_ignore_headers, 3);
	assert_slice(p->ignore_headers[0], "Set-Cookie");
	assert_slice(p->ignore_headers[2], "X-B");
	site_unref(s);
}

static void
assert_read_timeout(
    const char *args, int64_t first_ms, int64_t most_ms, uint64_t min_rate)
{
	char text[128];
	struct site *s;
	const struct read_timeout *t;

	snprintf(text, sizeof(text), "RequestReadTimeout %s\n", args);
	s = conf_site(text);
	t = &site_main(s)->head_timeout;
	if (t->first_ms != first_ms || t->most_ms != most_ms ||
	    t->min_rate != min_rate)
		fail_msg("%s", args);
	site_unref(s);
}

static void
test_requestreadtimeout_has_apaches_syntax(void **state)
{
	(void)state;
	assert_read_timeout("header=10", 10000, 10000, 0);
	assert_read_timeout("header=0", 0, 0, 0);
	assert_read_timeout("header=10,minrate=1", 10000, YEAR_MS, 1);
	assert_read_timeout(
	    "handshake=0 Header=5-30,MinRate=1000 body=0", 5000, 30000, 1000);
	assert_read_timeout("body=5", 20000, 40000, 500);
	assert_read_timeout("header=500ms-2,MinRate=9", 500, 2000, 9);
}

static void
test_listen_takes_ports_and_addresses(void **state)
{
	struct site *s = conf_site("Listen 81\nListen 192.0.2.1:82 http\n"
				   "Listen [2001:db8::1]:83\nListen *:84\n"
				   "Listen 0\n");
	const struct listen *l;
	char text[ADDRESS_CHARS];
	size_t n;

	(void)state;
	l = site_listens(s, &n);
	assert_int_equal(n, 6);
	assert_int_equal(address_port(&l[1].at), 81);
	address_format(&l[2].at, text);
	assert_string_equal(text, "192.0.2.1:82");
	address_format(&l[3].at, text);
	assert_string_equal(text, "[2001:db8::1]:83");
	assert_slice(l[3].text, "[2001:db8::1]:83");
	assert_int_equal(l[4].at.u.any.sa_family, l[1].at.u.any.sa_family);
	site_unref(s);
}

/* The backend for target under that text */
static void
assert_backend(const char *text, int64_t connect_ms, int64_t timeout_ms,
    int64_t ttl_ms, unsigned max_idle, bool disable_reuse)
{
	struct site *s = conf_site(text);
	struct arena arena = { 0 };
	struct route r;

	assert_int_equal(
	    route_find(site_main(s), SLICE("/"), SLICE("/"), &arena, &r),
	    LR_OK);
	assert_int_equal(r.backend->connect_timeout_ms, connect_ms);
	assert_int_equal(r.backend->timeout_ms, timeout_ms);
	assert_int_equal(r.backend->ttl_ms, ttl_ms);
	assert_int_equal(r.backend->max_idle, max_idle);
	assert_int_equal(r.backend->disable_reuse, disable_reuse);
	arena_free(&arena);
	site_unref(s);
}

static void
test_a_backend_s_timeouts_fall_back_step_by_step(void **state)
{
	(void)state;
	assert_backend("ProxyPass / http://b/\n", 60000, 60000, 0, 64, false);
	assert_backend(
	    "ProxyPass / http://b/\nTimeout 9\n", 9000, 9000, 0, 64, false);
	assert_backend("ProxyPass / http://b/\nProxyTimeout 8\nTimeout 9\n",
	    8000, 8000, 0, 64, false);
	assert_backend("ProxyPass / http://b/ timeout=7\nProxyTimeout 8\n",
	    7000, 7000, 0, 64, false);
	assert_backend("ProxyPass / http://b/ connectiontimeout=50ms "
		       "timeout=7 ttl=120 max=5 disablereuse=On nocanon\n",
	    50, 7000, 120000, 5, true);
	assert_backend("ProxyPass / http://b/ enablereuse=off\n", 60000, 60000,
	    0, 64, true);
	assert_backend(
	    "<Location />\nProxyPass http://b/ timeout=3\n</Location>\n", 3000,
	    3000, 0, 64, false);
}

static void
test_a_store_is_placed_when_caching_is_asked_for(void **state)
{
	struct site *s = conf_site("CacheEnable disk /\n");
	char *said;

	(void)state;
	assert_slice(site_server(s)->cache_root, "/var/cache/larder");
	site_unref(s);
	s = conf_site("<VirtualHost *>\nServerName a\n<Location /x>\n"
		      "CacheEnable disk\n</Location>\n</VirtualHost>\n");
	assert_slice(site_server(s)->cache_root, "/var/cache/larder");
	site_unref(s);
	said = conf_messages("Listen 80\nCacheEnable disk /\n", NULL);
	assert_string_equal(said,
	    "configuration: notice: CacheRoot: not given; the store goes to "
	    "/var/cache/larder\n");
	free(said);
}

static void
test_usual_configurations_are_accepted_without_a_word(void **state)
{
	(void)state;
	assert_accepted("<Proxy *>\nRequire all granted\n</Proxy>");
	assert_accepted("<Location /x>\nRequire all granted\n</Location>");
	assert_accepted("ProxyRequests Off\nProxyVia On\nProxyVia Full");
	assert_accepted("LogLevel warn proxy:trace2 mod_cache.c:debug");
	assert_accepted("LogFormat \"%h %t\" x\nCustomLog /tmp/x x\n"
			"CustomLog /tmp/y combined\n"
			"CustomLog /tmp/z \"%h\"");
	assert_accepted("ErrorLog /dev/stderr");
	assert_accepted("listen 81\nPROXYPASS / http://b/");
}

static void
test_what_means_nothing_here_is_noticed(void **state)
{
	char *said = conf_messages("Listen 80\nServerAdmin me@x\n"
				   "<Directory />\nRequire all denied\n"
				   "Whatever\n</Directory>\n"
				   "CacheDirLevels 2\nStartServers 4\n",
	    NULL);

	(void)state;
	assert_string_equal(said,
	    "command line:2: notice: ServerAdmin: Accepted, without effect: "
	    "larder's own pages name nobody.\n"
	    "command line:3: notice: Directory: Accepted, without effect: "
	    "larder serves no files.\n"
	    "command line:7: notice: CacheDirLevels: Accepted, without "
	    "effect: the store lays out its own files.\n"
	    "command line:8: notice: StartServers: Accepted, without effect: "
	    "larder is one process with WorkerThreads threads.\n");
	free(said);
}

static void
test_a_site_can_be_loaded_again_and_again(void **state)
{
	const char *text = "CacheEnable disk /\nCacheRoot /tmp/x\n"
			   "ProxyPassMatch ^/(.*)$ http://b/$1\n"
			   "<VirtualHost *>\nServerName a\n"
			   "<LocationMatch x>\nCacheDisable on\n"
			   "</LocationMatch>\n</VirtualHost>\n";

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct site *s = conf_site(text);

		assert_ptr_equal(site_ref(s), s);
		site_unref(s);
		assert_slice(site_server(s)->cache_root, "/tmp/x");
		site_unref(s);
	}
	site_unref(NULL);
}

static void
test_larder_describes_the_hosts_as_understood(void **state)
{
	struct site *s = conf_site(
	    "ServerRoot /r\nServerName m\nWorkerThreads 2\n"
	    "CacheRoot /c\nCacheSize 1M\nCacheEnable disk /\n"
	    "<VirtualHost *:8080>\nServerName a:81\nServerAlias b *.c\n"
	    "ProxyPass /x !\nProxyPass / http://h/p\n"
	    "<Location /l>\nProxyPass http://l/\n</Location>\n"
	    "ProxyPassMatch \\.gif$ !\n"
	    "<LocationMatch ^/m>\n</LocationMatch>\n"
	    "CacheDisable /n\n</VirtualHost>\n");
	struct strbuf out = { 0 };

	(void)state;
	site_describe(s, &out);
	assert_string_equal(out.p,
	    "ServerRoot: /r\n"
	    "Listen: 127.0.0.1:8080\n"
	    "WorkerThreads: 2\n"
	    "CacheRoot: /c (1048576 bytes)\n"
	    "VirtualHost configuration:\n"
	    "*:8080\n"
	    "    default a:81 (command line:8)\n"
	    "        alias b\n"
	    "        alias *.c\n"
	    "        Location /l (command line:13)\n"
	    "        ProxyPass http://l/ (command line:14)\n"
	    "        LocationMatch ^/m (command line:17)\n"
	    "        ProxyPass /x ! (command line:11)\n"
	    "        ProxyPass / http://h/p (command line:12)\n"
	    "        ProxyPassMatch \\.gif$ ! (command line:16)\n"
	    "        CacheEnable /\n"
	    "        CacheDisable /n\n"
	    "any other address\n"
	    "    main server m (main server)\n"
	    "        CacheEnable /\n");
	strbuf_free(&out);
	site_unref(s);
}

static void
test_every_directive_is_documented(void **state)
{
	struct directive_table tables[DIRECTIVES_TABLES];
	struct strbuf out = { 0 };

	(void)state;
	site_list_directives(&out);
	assert_false(out.failed);
	directives_tables(tables);
	for (size_t t = 0; t < DIRECTIVES_TABLES; t++) {
		for (size_t i = 0; i < tables[t].n; i++) {
			const struct directive *row = &tables[t].rows[i];
			size_t n = strlen(row->help);

			assert_non_null(strstr(out.p, row->name));
			if (n < 10 || strchr(".)", row->help[n - 1]) == NULL ||
			    row->contexts == 0)
				fail_msg("%s: %s", row->name, row->help);
			assert_ptr_equal(
			    directives_find(slice_of(row->name)), row);
		}
	}
	strbuf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_an_empty_configuration_has_apaches_defaults),
		cmocka_unit_test(
		    test_an_empty_configuration_has_no_store_but_defaults_for_one),
		cmocka_unit_test(test_directives_of_the_process_are_taken),
		cmocka_unit_test(test_directives_about_clients_are_taken),
		cmocka_unit_test(test_directives_about_the_cache_are_taken),
		cmocka_unit_test(test_requestreadtimeout_has_apaches_syntax),
		cmocka_unit_test(test_listen_takes_ports_and_addresses),
		cmocka_unit_test(
		    test_a_backend_s_timeouts_fall_back_step_by_step),
		cmocka_unit_test(
		    test_a_store_is_placed_when_caching_is_asked_for),
		cmocka_unit_test(
		    test_usual_configurations_are_accepted_without_a_word),
		cmocka_unit_test(test_what_means_nothing_here_is_noticed),
		cmocka_unit_test(test_a_site_can_be_loaded_again_and_again),
		cmocka_unit_test(test_larder_describes_the_hosts_as_understood),
		cmocka_unit_test(test_every_directive_is_documented),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
