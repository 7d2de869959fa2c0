/* proxy/site/worker_parameter.c: key=value behind a ProxyPass */
#include "proxy/site/worker_parameter.h"

#include "proxy/conf/nearest.h"
#include "proxy/site/directives.h"
#include "store/base/num.h"

enum parameter_kind {
	PARAMETER_CONNECT_TIMEOUT,
	PARAMETER_TIMEOUT,
	PARAMETER_TTL,
	PARAMETER_MAX,
	PARAMETER_DISABLE_REUSE,
	PARAMETER_ENABLE_REUSE,
	PARAMETER_NO_EFFECT
};

static const struct parameter {
	const char *name;
	enum parameter_kind kind;
} PARAMETERS[] = {
	{ "connectiontimeout", PARAMETER_CONNECT_TIMEOUT },
	{ "timeout", PARAMETER_TIMEOUT },
	{ "ttl", PARAMETER_TTL },
	{ "max", PARAMETER_MAX },
	{ "disablereuse", PARAMETER_DISABLE_REUSE },
	{ "enablereuse", PARAMETER_ENABLE_REUSE },
	{ "acquire", PARAMETER_NO_EFFECT },
	{ "addressttl", PARAMETER_NO_EFFECT },
	{ "flushpackets", PARAMETER_NO_EFFECT },
	{ "flushwait", PARAMETER_NO_EFFECT },
	{ "iobuffersize", PARAMETER_NO_EFFECT },
	{ "keepalive", PARAMETER_NO_EFFECT },
	{ "min", PARAMETER_NO_EFFECT },
	{ "ping", PARAMETER_NO_EFFECT },
	{ "receivebuffersize", PARAMETER_NO_EFFECT },
	{ "responsefieldsize", PARAMETER_NO_EFFECT },
	{ "retry", PARAMETER_NO_EFFECT },
	{ "smax", PARAMETER_NO_EFFECT },
};

#define N_PARAMETERS (sizeof(PARAMETERS) / sizeof(PARAMETERS[0]))

static const struct parameter *
find_parameter(struct slice name)
{
	for (size_t i = 0; i < N_PARAMETERS; i++) {
		if (slice_ieq(slice_of(PARAMETERS[i].name), name))
			return &PARAMETERS[i];
	}
	return NULL;
}

static bool
read_ms(struct slice value, int64_t *out)
{
	return num_parse_duration(value, 1000, DIRECTIVES_YEAR_MS, out) ==
	    LR_OK;
}

static bool
read_flag(struct slice value, bool when_on, bool *out)
{
	bool on = slice_ieq(value, SLICE("on"));

	if (!on && !slice_ieq(value, SLICE("off")))
		return false;
	*out = on ? when_on : !when_on;
	return true;
}

static bool
take_parameter(
    enum parameter_kind kind, struct slice value, struct proxy_pass *pass)
{
	struct backend *be = &pass->backend;
	uint64_t n;

	switch (kind) {
	case PARAMETER_CONNECT_TIMEOUT:
		pass->has_connect_timeout = true;
		return read_ms(value, &be->connect_timeout_ms) &&
		    be->connect_timeout_ms > 0;
	case PARAMETER_TIMEOUT:
		pass->has_timeout = true;
		return read_ms(value, &be->timeout_ms) && be->timeout_ms > 0;
	case PARAMETER_TTL:
		return read_ms(value, &be->ttl_ms);
	case PARAMETER_MAX:
		if (num_parse_u64(value, 1000000, &n) != LR_OK)
			return false;
		be->max_idle = (unsigned)n;
		return true;
	case PARAMETER_DISABLE_REUSE:
		return read_flag(value, true, &be->disable_reuse);
	case PARAMETER_ENABLE_REUSE:
		return read_flag(value, false, &be->disable_reuse);
	case PARAMETER_NO_EFFECT:
		break;
	}
	return true;
}

static enum lr
unknown_parameter(struct directive_use *use, struct slice name)
{
	struct nearest search = { .typed = name };

	for (size_t i = 0; i < N_PARAMETERS; i++)
		nearest_try(&search, PARAMETERS[i].name);
	if (search.best != NULL)
		directive_error(use,
		    "unknown parameter \"%.*s\"; did you mean %s?",
		    SLICE_ARG(name), search.best);
	else
		directive_error(use,
		    "unknown parameter \"%.*s\"; there are timeout=, "
		    "connectiontimeout=, ttl=, max=, disablereuse=, nocanon "
		    "and "
		    "noquery",
		    SLICE_ARG(name));
	return LR_INVALID;
}

/* nocanon has nothing to do: paths are sent as they were received. */
enum lr
worker_parameter_read(
    struct directive_use *use, struct slice arg, struct proxy_pass *pass)
{
	size_t eq = slice_find(arg, '=');
	struct slice name = slice_cut(arg, 0, eq);
	const struct parameter *p = find_parameter(name);

	if (slice_ieq(arg, SLICE("nocanon")))
		return LR_OK;
	if (slice_ieq(arg, SLICE("noquery"))) {
		pass->no_query = true;
		return LR_OK;
	}
	if (p == NULL)
		return unknown_parameter(use, name);
	if (p->kind == PARAMETER_NO_EFFECT) {
		directive_notice(use, "%s= has no effect here", p->name);
		return LR_OK;
	}
	if (eq == arg.n ||
	    !take_parameter(p->kind, slice_cut(arg, eq + 1, arg.n), pass)) {
		directive_error(use,
		    "\"%.*s\" is not understood; write timeout=30, "
		    "connectiontimeout=500ms, ttl=120, max=64, "
		    "disablereuse=On",
		    SLICE_ARG(arg));
		return LR_INVALID;
	}
	return LR_OK;
}
