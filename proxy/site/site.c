/* proxy/site/site.c: a loaded configuration and its references */
#include "proxy/site/site.h"

#include <stdlib.h>

#include "proxy/site/site_internal.h"

struct site *
site_create(void)
{
	struct site *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->magic = SITE_MAGIC;
	atomic_init(&s->refs, 1);
	return s;
}

static void
site_free(struct site *s)
{
	for (struct site_access_log *l = s->access_logs; l != NULL; l = l->next)
		access_log_close(l->log);
	for (struct site_log *l = s->logs; l != NULL; l = l->next)
		log_close(l->log);
	for (struct site_pattern *p = s->patterns; p != NULL; p = p->next)
		pattern_free(p->pattern);
	arena_free(&s->arena);
	s->magic = 0;
	free(s);
}

struct site *
site_ref(struct site *s)
{
	MAGIC_CHECK(s, SITE_MAGIC);
	atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
	return s;
}

void
site_unref(struct site *s)
{
	if (s == NULL)
		return;
	MAGIC_CHECK(s, SITE_MAGIC);
	if (atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) == 1)
		site_free(s);
}

const struct server_conf *
site_server(const struct site *s)
{
	return &s->server;
}

const struct listen *
site_listens(const struct site *s, size_t *n)
{
	*n = s->n_listens;
	return s->listens;
}

const struct vhost *
site_main(const struct site *s)
{
	return &s->main->vh;
}

const struct vhost *
site_vhost(const struct site *s, const struct address *local, struct slice host)
{
	const struct host *found = vhost_table_find(&s->table, local, host);

	return found != NULL ? &found->vh : &s->main->vh;
}

void
site_reopen_logs(struct site *s)
{
	for (struct site_log *l = s->logs; l != NULL; l = l->next) {
		enum lr rc = log_reopen(l->log);

		if (rc != LR_OK)
			log_write(l->log, LOG_CORE, LOG_L_ERROR,
			    "cannot open %.*s again: %s; the old file stays in "
			    "use",
			    SLICE_ARG(l->path), status_text(rc));
	}
	for (struct site_access_log *l = s->access_logs; l != NULL;
	     l = l->next) {
		enum lr rc = access_log_reopen(l->log);

		if (rc != LR_OK)
			log_write(s->main->vh.log, LOG_CORE, LOG_L_ERROR,
			    "cannot open %.*s again: %s; the old file stays in "
			    "use",
			    SLICE_ARG(l->path), status_text(rc));
	}
}

void
site_flush_logs(struct site *s)
{
	for (struct site_access_log *l = s->access_logs; l != NULL; l = l->next)
		access_log_flush(l->log);
}
