/* proxy/site/site_logs.c: log files, each opened once */
#include "proxy/site/site_logs.h"

#include <unistd.h>

#include "proxy/conf/include.h"

/* That the directory is not there is the usual reason. */
static bool
is_without_directory(struct builder *b, struct slice path)
{
	struct slice dir = arena_dup(b->arena, include_parent(path));

	return dir.p != NULL && access(dir.p, F_OK) != 0;
}

static void
report(struct builder *b, struct place at, const char *directive,
    struct slice path, enum lr rc)
{
	struct slice dir = include_parent(path);

	if (rc == LR_IO && is_without_directory(b, path))
		diagnostic_error(b->diag, at, slice_of(directive),
		    "cannot open %.*s: there is no directory %.*s",
		    SLICE_ARG(path), SLICE_ARG(dir));
	else
		diagnostic_error(b->diag, at, slice_of(directive),
		    "cannot open %.*s: %s", SLICE_ARG(path), status_text(rc));
}

/* ---- ErrorLog ---- */

static struct site_log *
find_log(const struct builder *b, const struct host_draft *d)
{
	for (struct site_log *l = b->site->logs; l != NULL; l = l->next) {
		if (slice_eq(l->path, d->error_log) &&
		    memcmp(&l->levels, &d->levels, sizeof(l->levels)) == 0)
			return l;
	}
	return NULL;
}

/* Virtual hosts share a log when file and levels are the same. */
static enum lr
open_error_log(struct builder *b, struct host_draft *d)
{
	struct site_log *l = find_log(b, d);
	enum lr rc;

	if (l == NULL) {
		if ((l = arena_zalloc(b->arena, sizeof(*l))) == NULL)
			return LR_NOMEM;
		rc = log_open(
		    d->error_log.n > 0 ? d->error_log.p : NULL, &l->log);
		if (rc == LR_NOMEM)
			return rc;
		if (rc != LR_OK) {
			report(
			    b, d->error_log_at, "ErrorLog", d->error_log, rc);
			return LR_OK;
		}
		l->path = d->error_log;
		l->levels = d->levels;
		log_set_levels(l->log, &l->levels);
		l->next = b->site->logs;
		b->site->logs = l;
	}
	d->host->vh.log = l->log;
	return LR_OK;
}

/* ---- CustomLog ---- */

static const struct log_format_entry *
find_format(const struct host_draft *d, struct slice nickname)
{
	const struct log_format_entry *entries = d->formats.items;

	for (size_t i = d->formats.n; i > 0; i--) {
		if (slice_eq(entries[i - 1].nickname, nickname))
			return &entries[i - 1];
	}
	return NULL;
}

/* A nickname of this virtual host, of the main server, a built-in one, or
 * the format itself. */
static struct slice
format_text(const struct host_draft *d, const struct host_draft *main,
    struct slice name)
{
	const struct log_format_entry *entry = find_format(d, name);
	struct slice builtin = log_format_builtin(name);

	if (entry == NULL)
		entry = find_format(main, name);
	if (entry != NULL)
		return entry->format;
	return builtin.n > 0 ? builtin : name;
}

static void
report_nickname(struct builder *b, const struct custom_log *cl)
{
	diagnostic_error(b->diag, cl->at, SLICE("CustomLog"),
	    "no LogFormat has the nickname \"%.*s\"; common and combined are "
	    "built in",
	    SLICE_ARG(cl->format));
}

static struct access_log *
find_access_log(const struct builder *b, struct slice path, struct slice format)
{
	const struct site_access_log *l = b->site->access_logs;

	for (; l != NULL; l = l->next) {
		if (slice_eq(l->path, path) && slice_eq(l->format, format))
			return l->log;
	}
	return NULL;
}

/* Takes the format. */
static enum lr
open_access_log(struct builder *b, const struct custom_log *cl,
    struct slice text, struct log_format *take_format, struct access_log **out)
{
	struct site_access_log *l = arena_zalloc(b->arena, sizeof(*l));
	enum lr rc;

	if (l == NULL) {
		log_format_free(take_format);
		return LR_NOMEM;
	}
	rc = access_log_open(cl->path.p, take_format, &l->log);
	if (rc != LR_OK) {
		if (rc != LR_NOMEM)
			report(b, cl->at, "CustomLog", cl->path, rc);
		return rc;
	}
	l->path = cl->path;
	l->format = text;
	l->next = b->site->access_logs;
	b->site->access_logs = l;
	*out = l->log;
	return LR_OK;
}

/* LR_NOTFOUND: there is nothing to write to; what is wrong was reported. */
static enum lr
prepare_access_log(struct builder *b, const struct custom_log *cl,
    struct slice text, struct access_log **out)
{
	struct log_format *format;
	const char *why = "";
	enum lr rc;

	if (slice_find(text, '%') == text.n) {
		report_nickname(b, cl);
		return LR_NOTFOUND;
	}
	if ((*out = find_access_log(b, cl->path, text)) != NULL)
		return LR_OK;
	rc = log_format_compile(text, &format, &why);
	if (rc == LR_INVALID)
		diagnostic_error(b->diag, cl->at, SLICE("CustomLog"),
		    "\"%.*s\": %s", SLICE_ARG(text), why);
	if (rc != LR_OK)
		return rc == LR_NOMEM ? rc : LR_NOTFOUND;
	if (!b->open_logs) {
		log_format_free(format);
		return LR_NOTFOUND;
	}
	rc = open_access_log(b, cl, text, format, out);
	return rc == LR_OK || rc == LR_NOMEM ? rc : LR_NOTFOUND;
}

static enum lr
open_access_logs(
    struct builder *b, struct host_draft *d, const struct host_draft *main)
{
	const struct custom_log *logs = d->custom_logs.items;
	struct vhost *vh = &d->host->vh;
	struct array open = { 0 };

	if (d->custom_logs.n == 0) {
		vh->access_logs = main->host->vh.access_logs;
		vh->n_access_logs = main->host->vh.n_access_logs;
		return LR_OK;
	}
	for (size_t i = 0; i < d->custom_logs.n; i++) {
		struct slice text = format_text(d, main, logs[i].format);
		struct access_log *log, **slot;
		enum lr rc = prepare_access_log(b, &logs[i], text, &log);

		if (rc == LR_NOTFOUND)
			continue;
		if (rc != LR_OK)
			return rc;
		slot = array_add(&open, sizeof(*slot), b->arena);
		if (slot == NULL)
			return LR_NOMEM;
		*slot = log;
	}
	vh->access_logs = open.items;
	vh->n_access_logs = open.n;
	return LR_OK;
}

enum lr
site_logs_open(
    struct builder *b, struct host_draft *d, const struct host_draft *main)
{
	enum lr rc = open_access_logs(b, d, main);

	if (rc == LR_OK && b->open_logs)
		rc = open_error_log(b, d);
	return rc;
}
