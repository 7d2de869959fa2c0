/* proxy/daemon_reload.c: another configuration under running workers */
#include "proxy/daemon_internal.h"

#include <stdlib.h>

#include "proxy/notify.h"
#include "proxy/restart_only.h"

/* The log of the start stays with the store and the workers; it follows
 * the new LogLevel. */
static void
copy_levels(const struct log *from, struct log *to)
{
	struct log_levels levels;

	for (int m = 0; m < LOG_MODULE_COUNT; m++) {
		levels.of[m] = LOG_L_EMERG;
		for (int l = 0; l < LOG_L_COUNT; l++) {
			if (log_wants(
				from, (enum log_module)m, (enum log_level)l))
				levels.of[m] = (uint8_t)l;
		}
	}
	log_set_levels(to, &levels);
}

static enum lr
prepare_workers(struct daemon *d, size_t n_fds)
{
	enum lr rc = LR_OK;

	for (unsigned w = 0; w < d->n_services && rc == LR_OK; w++)
		rc = service_prepare_reload(d->services[w], n_fds);
	return rc;
}

/* Gives the new site and its sockets to every worker, or to none. */
static enum lr
hand_over(struct daemon *d, struct site *site, struct strbuf *messages)
{
	struct listen_set next;
	enum lr rc = listen_set_open(
	    site, d->n_services, &d->listens, &next, messages);
	int *fds = NULL;

	if (rc != LR_OK)
		return rc;
	fds = calloc(next.n + 1, sizeof(*fds));
	if (fds == NULL || prepare_workers(d, next.n) != LR_OK) {
		free(fds);
		listen_set_close(&next);
		return LR_NOMEM;
	}
	for (unsigned w = 0; w < d->n_services; w++) {
		listen_set_take(&next, w, fds);
		service_reload(d->services[w], site, fds, next.n);
	}
	free(fds);
	listen_set_close(&d->listens);
	d->listens = next;
	return LR_OK;
}

static void
swap_site(struct daemon *d, struct site *take_site)
{
	site_flush_logs(d->site);
	site_unref(d->site);
	d->site = take_site;
	copy_levels(daemon_log(d), site_main(d->first_site)->log);
	d->reloads++;
}

/* "file:line: notice: …" is no error. */
static enum log_level
level_of(struct slice line)
{
	return memmem(line.p, line.n, "notice: ", 8) != NULL ? LOG_L_NOTICE
							     : LOG_L_ERROR;
}

static void
log_messages(struct daemon *d, struct slice text)
{
	while (text.n > 0) {
		size_t n = slice_find(text, '\n');
		struct slice line = slice_cut(text, 0, n);

		if (n > 0)
			log_write(daemon_log(d), LOG_CONFIG, level_of(line),
			    "%.*s", SLICE_ARG(line));
		text = slice_cut(text, n + 1, text.n);
	}
}

static enum lr
load_again(struct daemon *d, struct strbuf *messages)
{
	struct site *site;
	enum lr rc;

	if (d->stopping) {
		strbuf_add_cstr(messages, "larder is stopping\n");
		return LR_BUSY;
	}
	if ((rc = site_load(d->src, messages, &site)) != LR_OK)
		return rc;
	if ((rc = hand_over(d, site, messages)) != LR_OK) {
		site_unref(site);
		return rc;
	}
	restart_only_tell(
	    site_server(d->first_site), site_server(site), messages);
	swap_site(d, site);
	return LR_OK;
}

enum lr
daemon_reload(struct daemon *d, struct strbuf *messages)
{
	enum lr rc;

	notify_reloading();
	rc = load_again(d, messages);
	log_messages(d, strbuf_slice(messages));
	if (rc == LR_OK)
		log_write(daemon_log(d), LOG_CORE, LOG_L_NOTICE,
		    "configuration loaded again");
	else
		log_write(daemon_log(d), LOG_CORE, LOG_L_ERROR,
		    "configuration not loaded (%s); the old one stays",
		    status_text(rc));
	notify_ready();
	return rc;
}
