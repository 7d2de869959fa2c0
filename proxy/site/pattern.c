/* proxy/site/pattern.c: PCRE2 */
#define PCRE2_CODE_UNIT_WIDTH 8

#include "proxy/site/pattern.h"

#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>

#define MATCH_LIMIT 200000  /* steps of backtracking */
#define HEAP_LIMIT_KIB 1024 /* memory of one search */
#define ERROR_BYTES (PATTERN_WHY / 2)

struct pattern {
	pcre2_code *code;
	pcre2_match_context *context; /* the limits; only read */
	uint32_t groups;
};

enum lr
pattern_compile(struct slice text, struct pattern **out, char why[PATTERN_WHY])
{
	struct pattern *p = calloc(1, sizeof(*p));
	PCRE2_UCHAR message[ERROR_BYTES];
	PCRE2_SIZE where;
	int error;

	if (p == NULL)
		return LR_NOMEM;
	p->context = pcre2_match_context_create(NULL);
	if (p->context == NULL)
		goto fail;
	pcre2_set_match_limit(p->context, MATCH_LIMIT);
	pcre2_set_heap_limit(p->context, HEAP_LIMIT_KIB);
	p->code = pcre2_compile((PCRE2_SPTR)(text.n > 0 ? text.p : ""), text.n,
	    PCRE2_DOLLAR_ENDONLY, &error, &where, NULL);
	if (p->code == NULL) {
		pcre2_get_error_message(error, message, sizeof(message));
		snprintf(why, PATTERN_WHY, "%s (at character %zu)",
		    (const char *)message, where);
		pattern_free(p);
		return LR_INVALID;
	}
	/* Without it the interpreter does the work: slower, not wrong. */
	pcre2_jit_compile(p->code, PCRE2_JIT_COMPLETE);
	pcre2_pattern_info(p->code, PCRE2_INFO_CAPTURECOUNT, &p->groups);
	*out = p;
	return LR_OK;
fail:
	pattern_free(p);
	return LR_NOMEM;
}

void
pattern_free(struct pattern *p)
{
	if (p == NULL)
		return;
	pcre2_code_free(p->code);
	pcre2_match_context_free(p->context);
	free(p);
}

unsigned
pattern_groups(const struct pattern *p)
{
	return p->groups;
}

static void
copy_groups(pcre2_match_data *data, size_t n, struct pattern_match *out)
{
	const PCRE2_SIZE *offsets = pcre2_get_ovector_pointer(data);

	*out = (struct pattern_match){
		.n = n < PATTERN_GROUPS ? n : PATTERN_GROUPS
	};
	for (size_t i = 0; i < out->n; i++) {
		if (offsets[2 * i] == PCRE2_UNSET)
			continue; /* empty, as zeroed above */
		out->start[i] = offsets[2 * i];
		out->end[i] = offsets[2 * i + 1];
	}
}

static enum lr
status_of_match(int rc)
{
	if (rc > 0)
		return LR_OK;
	switch (rc) {
	case PCRE2_ERROR_NOMATCH:
		return LR_NOTFOUND;
	case PCRE2_ERROR_NOMEMORY:
		return LR_NOMEM;
	default: /* one of the limits */
		return LR_TOOBIG;
	}
}

enum lr
pattern_search(
    const struct pattern *p, struct slice text, struct pattern_match *out)
{
	pcre2_match_data *data = pcre2_match_data_create_from_pattern(
	    p->code, NULL);
	int found;

	if (data == NULL)
		return LR_NOMEM;
	found = pcre2_match(p->code, (PCRE2_SPTR)(text.n > 0 ? text.p : ""),
	    text.n, 0, 0, data, p->context);
	if (found > 0 && out != NULL)
		copy_groups(data, (size_t)found, out);
	pcre2_match_data_free(data);
	return status_of_match(found);
}
