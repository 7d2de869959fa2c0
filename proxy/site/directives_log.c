/* proxy/site/directives_log.c: ErrorLog, LogLevel, LogFormat, CustomLog */
#include "proxy/site/directives.h"
#include "proxy/site/scope.h"

static bool
is_program(struct slice target)
{
	return target.n > 0 && target.p[0] == '|';
}

static bool
is_syslog(struct slice target)
{
	struct slice word = SLICE("syslog");

	return slice_istarts(target, word) &&
	    (target.n == word.n || target.p[word.n] == ':');
}

/* Reports a target that is no file. */
static enum lr
check_target(struct directive_use *use, struct slice target)
{
	if (is_program(target)) {
		directive_error(use,
		    "logs to a program are not available in this version; "
		    "write a file");
		return LR_INVALID;
	}
	if (is_syslog(target)) {
		directive_error(use,
		    "logs to syslog are not available in this version; write a "
		    "file, or /dev/stderr");
		return LR_INVALID;
	}
	return LR_OK;
}

static enum lr
set_error_log(struct directive_use *use)
{
	struct host_draft *d = use->scope->draft;
	enum lr rc = check_target(use, use->node->args[0]);

	if (rc == LR_OK)
		rc = scope_path(use, use->node->args[0], &d->error_log);
	if (rc == LR_OK)
		d->error_log_at = use->node->at;
	return rc;
}

/* "warn", or "proxy:trace2" */
static enum lr
set_level(struct directive_use *use, struct slice arg)
{
	struct log_levels *levels = &use->scope->draft->levels;
	size_t colon = slice_find(arg, ':');
	bool has_module = colon < arg.n;
	struct slice name = has_module ? slice_cut(arg, colon + 1, arg.n) : arg;
	enum log_module module;
	enum log_level level;

	if (log_level_parse(name, &level) != LR_OK) {
		directive_error(use,
		    "\"%.*s\" is not a level; the levels are emerg, alert, "
		    "crit, error, warn, notice, info, debug and trace1 to "
		    "trace8",
		    SLICE_ARG(name));
		return LR_INVALID;
	}
	if (!has_module) {
		memset(levels->of, (int)level, sizeof(levels->of));
	} else if (log_module_parse(slice_cut(arg, 0, colon), &module) ==
	    LR_OK) {
		levels->of[module] = (uint8_t)level;
	} else {
		directive_notice(use, "larder has no module %.*s to log of",
		    (int)colon, arg.p);
	}
	return LR_OK;
}

/* A level without a module is for all, and comes first however written. */
static enum lr
set_log_level(struct directive_use *use)
{
	const struct node *n = use->node;
	enum lr rc = LR_OK;

	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < n->n_args && rc == LR_OK; i++) {
			bool has_module = slice_find(n->args[i], ':') <
			    n->args[i].n;

			if (has_module == (pass == 1))
				rc = set_level(use, n->args[i]);
		}
	}
	return rc;
}

static enum lr
set_log_format(struct directive_use *use)
{
	struct log_format_entry *entry;
	struct log_format *compiled;
	const char *why = "";
	enum lr rc = log_format_compile(use->node->args[0], &compiled, &why);

	if (rc == LR_INVALID)
		directive_error(
		    use, "\"%.*s\": %s", SLICE_ARG(use->node->args[0]), why);
	if (rc != LR_OK)
		return rc;
	log_format_free(compiled); /* each CustomLog has its own */
	entry = scope_add(use, &use->scope->draft->formats, sizeof(*entry));
	if (entry == NULL)
		return LR_NOMEM;
	*entry = (struct log_format_entry){ use->node->args[1],
		use->node->args[0] };
	return LR_OK;
}

static enum lr
set_custom_log(struct directive_use *use)
{
	const struct node *n = use->node;
	struct custom_log *log;
	struct slice path;
	enum lr rc = check_target(use, n->args[0]);

	if (rc == LR_OK && n->n_args > 2) {
		directive_error(use,
		    "conditions (%.*s) are not available in this version; "
		    "leave it out",
		    SLICE_ARG(n->args[2]));
		return LR_INVALID;
	}
	if (rc == LR_OK)
		rc = scope_path(use, n->args[0], &path);
	if (rc != LR_OK)
		return rc;
	log = scope_add(use, &use->scope->draft->custom_logs, sizeof(*log));
	if (log == NULL)
		return LR_NOMEM;
	*log = (struct custom_log){ n->at, path, n->args[1] };
	return LR_OK;
}

static const struct directive ROWS[] = {
	{
	    .name = "ErrorLog",
	    .syntax = "file",
	    .help = "Where larder's messages go; /dev/stderr is standard "
		    "error.",
	    .preset = "(standard error)",
	    .contexts = DIRECTIVES_SERVER_VHOST,
	    .least_args = 1,
	    .most_args = 1,
	    .set = set_error_log,
	},
	{
	    .name = "LogLevel",
	    .syntax = "[module:]level ...",
	    .help = "Which messages are written: emerg, alert, crit, error, "
		    "warn, notice, info, debug or trace1 to trace8; of one "
		    "module, or of all.",
	    .preset = "warn",
	    .contexts = DIRECTIVES_SERVER_VHOST,
	    .least_args = 1,
	    .most_args = DIRECTIVE_MANY,
	    .set = set_log_level,
	},
	{
	    .name = "LogFormat",
	    .syntax = "format nickname",
	    .help = "A form of access log lines, for CustomLog; common and "
		    "combined are built in.",
	    .contexts = DIRECTIVES_SERVER_VHOST,
	    .least_args = 2,
	    .most_args = 2,
	    .set = set_log_format,
	},
	{
	    .name = "CustomLog",
	    .syntax = "file format|nickname",
	    .help = "An access log, one line for each request. A virtual "
		    "host with one of its own does not write to the main "
		    "server's.",
	    .contexts = DIRECTIVES_SERVER_VHOST,
	    .least_args = 2,
	    .most_args = 3,
	    .set = set_custom_log,
	},
};

struct directive_table
directives_log(void)
{
	return (struct directive_table){ ROWS, sizeof(ROWS) / sizeof(ROWS[0]) };
}
