/* tests/fuzz/fuzz_structured.c: a dictionary of any bytes
 *
 * What is let through keeps its promises: numbers within their bounds,
 * parameters and inner lists that are right as well, and a dictionary that
 * still is one with a member more, and none with a comma more. */
#include "proxy/http/structured.h"
#include "store/base/check.h"
#include "store/base/strbuf.h"

#define INTEGER_MAX INT64_C(999999999999999) /* RFC 9651 3.3.1 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
check_number(const struct structured_item *item)
{
	CHECK(item->number >= -INTEGER_MAX && item->number <= INTEGER_MAX);
	if (item->type == STRUCTURED_BOOLEAN)
		CHECK(item->number == 0 || item->number == 1);
}

static void
check_params(struct slice rest)
{
	struct structured_item item;
	struct slice key;
	enum lr rc;

	while ((rc = structured_param_next(&rest, &key, &item)) == LR_OK) {
		CHECK(key.n > 0 && item.type != STRUCTURED_INNER);
		check_number(&item);
	}
	CHECK(rc == LR_NOTFOUND);
}

static void
check_inner(struct slice rest)
{
	struct structured_item item;
	enum lr rc;

	while ((rc = structured_inner_next(&rest, &item)) == LR_OK) {
		check_number(&item);
		check_params(item.params);
	}
	CHECK(rc == LR_NOTFOUND);
}

/* How many members; -1 when it is no dictionary. */
static long
count_members(struct slice rest)
{
	struct structured_item item;
	struct slice key;
	long n = 0;
	enum lr rc;

	while ((rc = structured_member_next(&rest, &key, &item)) == LR_OK) {
		CHECK(key.n > 0);
		check_number(&item);
		check_params(item.params);
		if (item.type == STRUCTURED_INNER)
			check_inner(item.text);
		n++;
	}
	return rc == LR_NOTFOUND ? n : -1;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct slice text = slice_make((const char *)data, n);
	long members = count_members(text);
	struct strbuf more = { 0 };

	if (members <= 0)
		return 0;
	strbuf_add_slice(&more, text);
	strbuf_add_cstr(&more, ",");
	CHECK(count_members(strbuf_slice(&more)) == -1);
	strbuf_add_cstr(&more, "\t*z;a=1");
	CHECK(count_members(strbuf_slice(&more)) == members + 1);
	strbuf_free(&more);
	return 0;
}
