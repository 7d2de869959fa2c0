/* proxy/site/scope.h: where the directives of a section put their values.
 *
 * A virtual host begins as a copy of the main server, a section inside as
 * nothing at all; directives are applied in order, the last one counts.
 * Lists (ProxyPass, CustomLog, ...) are gathered here and laid out when all
 * is read.  One thread, for the time of a site_load. */
#ifndef PROXY_SITE_SCOPE_H
#define PROXY_SITE_SCOPE_H

#include "proxy/conf/array.h"
#include "proxy/conf/directive.h"
#include "proxy/site/overrides.h"
#include "proxy/site/site_internal.h"

struct builder { /* a site being made */
	struct site *site;
	struct arena *arena; /* the site's */
	struct diagnostics *diag;
	struct slice server_root;
	bool open_logs;
	struct array listens;	    /* of struct listen */
	struct array hosts;	    /* of struct host * */
	struct place cache_root_at; /* line 0: not given */
};

struct log_format_entry { /* LogFormat with a nickname */
	struct slice nickname, format;
};

struct custom_log { /* CustomLog */
	struct place at;
	struct slice path, format; /* format: as given, perhaps a nickname */
};

/* What only counts until the virtual host is laid out.  The main server's
 * lists are for all: passes, formats and reverses of the virtual host come
 * before them, sections and cache rules after. */
struct host_draft {
	struct host *host;
	struct place at;
	struct place error_log_at;
	struct slice error_log; /* a path; empty: standard error */
	struct log_levels levels;
	int64_t proxy_timeout_ms;	/* 0: not given */
	struct array formats;		/* of struct log_format_entry */
	struct array custom_logs;	/* of struct custom_log */
	struct array passes;		/* of struct proxy_pass * */
	struct array reverses;		/* of struct proxy_reverse */
	struct array enables, disables; /* of struct cache_rule */
	struct array cache_overrides;	/* of struct override_rule */
	struct array locations;		/* of struct location_draft * */
	struct array aliases;		/* of struct slice */
	struct array session_ids;	/* of struct slice */
	struct key_query *key_query;	/* its own; NULL: none given */
};

struct location_draft {
	struct location section;
	struct array reverses, enables, disables, cache_overrides;
	struct key_query *key_query; /* its own; NULL: none given */
};

struct scope {
	enum directive_context context;
	struct builder *builder;
	struct host_draft *draft; /* the virtual host, or the main server */
	struct location_draft *location; /* NULL: not inside one */
};

/* ---- setters of simple values, for rows with home and offset ---- */

enum scope_home { SCOPE_SERVER, SCOPE_VHOST, SCOPE_SETTINGS };

/* clang-format off */
/* Nothing when the member has that type, an error of the compiler else. */
#define SCOPE_CHECK(parent, type, member) \
	(0 * sizeof(char[_Generic(((parent *)0)->member, \
	    type: 1, default: -1)]))
/* clang-format on */

/* .home and .offset of a row whose value has this type. */
#define SCOPE_FIELD(home_, parent, type, member) \
	.home = (home_), \
	.offset = offsetof(parent, member) + SCOPE_CHECK(parent, type, member)
#define IN_SERVER(type, member) \
	SCOPE_FIELD(SCOPE_SERVER, struct server_conf, type, member)
#define IN_VHOST(type, member) \
	SCOPE_FIELD(SCOPE_VHOST, struct vhost, type, member)
#define IN_SETTINGS(type, member) \
	SCOPE_FIELD(SCOPE_SETTINGS, struct settings, type, member)

directive_fn scope_set_flag;	 /* bool */
directive_fn scope_set_unsigned; /* unsigned */
directive_fn scope_set_size;	 /* size_t, a number */
directive_fn scope_set_bytes;	 /* uint64_t */
directive_fn scope_set_ms;	 /* int64_t */
directive_fn scope_set_s;	 /* int64_t; whole seconds */
directive_fn scope_set_text;	 /* struct slice */
directive_fn scope_set_path;	 /* struct slice, below ServerRoot */
directive_fn scope_ignore;	 /* accepted, with a notice */

/* A virtual host to be filled: a copy of the main server's, or, from NULL,
 * the main server itself.  NULL: out of memory. */
struct host_draft *scope_draft(
    struct builder *b, const struct host_draft *from);

/* Where the row's value goes in this scope: `bytes` of it. */
void *scope_place(struct directive_use *use, size_t bytes);

/* An absolute path for a file name in the configuration.  LR_NOMEM. */
enum lr scope_path(
    struct directive_use *use, struct slice name, struct slice *out);

/* A pattern that lives as long as the site.  LR_INVALID: reported. */
enum lr scope_pattern(
    struct directive_use *use, struct slice text, const struct pattern **out);

/* An item at the end of one of the lists.  NULL: out of memory. */
void *scope_add(struct directive_use *use, struct array *list, size_t bytes);

#endif
