/* proxy/observe/log_value.c: writing and escaping single values */
#include "proxy/observe/log_value.h"

static bool
is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void
put_escaped(struct strbuf *out, unsigned char c)
{
	static const char HEX[] = "0123456789abcdef";
	static const char NAMED[] = "\b\n\r\t\v\"\\", LETTERS[] = "bnrtv\"\\";
	const char *named = c != '\0' ? strchr(NAMED, c) : NULL;

	strbuf_add_char(out, '\\');
	if (named != NULL) {
		strbuf_add_char(out, LETTERS[named - NAMED]);
		return;
	}
	strbuf_add_char(out, 'x');
	strbuf_add_char(out, HEX[c >> 4]);
	strbuf_add_char(out, HEX[c & 15]);
}

void
log_value_escape(struct strbuf *out, struct slice s)
{
	size_t plain = 0;

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (is_plain(c))
			continue;
		strbuf_add(out, s.p + plain, i - plain);
		plain = i + 1;
		put_escaped(out, c);
	}
	if (plain < s.n)
		strbuf_add(out, s.p + plain, s.n - plain);
}

void
log_value_none(struct strbuf *out)
{
	strbuf_add_char(out, '-');
}

void
log_value_text(struct strbuf *out, struct slice s)
{
	if (s.n == 0)
		log_value_none(out);
	else
		log_value_escape(out, s);
}

void
log_value_address(struct strbuf *out, const struct address *a)
{
	char text[ADDRESS_CHARS];

	if (a == NULL)
		log_value_none(out);
	else
		log_value_text(
		    out, slice_make(text, address_format_ip(a, text)));
}

void
log_value_port(struct strbuf *out, const struct address *a)
{
	if (a == NULL)
		log_value_none(out);
	else
		strbuf_add_u64(out, address_port(a));
}

void
log_value_number(struct strbuf *out, int64_t v)
{
	if (v < 0)
		log_value_none(out);
	else
		strbuf_add_u64(out, (uint64_t)v);
}

/* Appends a value after those of the same name before it. */
static void
put_another(struct strbuf *out, struct slice value, bool *found)
{
	if (*found)
		strbuf_add_cstr(out, ", ");
	*found = true;
	log_value_escape(out, value);
}

bool
log_value_fields(
    struct strbuf *out, const struct http_msg *m, struct slice name)
{
	bool found = false;

	for (size_t i = 0; m != NULL && i < m->n_fields; i++) {
		if (slice_ieq(m->fields[i].name, name))
			put_another(out, m->fields[i].value, &found);
	}
	return found;
}

bool
log_value_wire_fields(struct strbuf *out, struct slice wire, struct slice name)
{
	bool found = false;

	while (wire.n > 0) {
		size_t n = slice_find(wire, '\n');
		struct slice line = slice_cut(wire, 0, n);
		size_t colon = slice_find(line, ':');

		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		if (slice_ieq(slice_cut(line, 0, colon), name))
			put_another(out,
			    slice_trim(slice_cut(line, colon + 1, line.n)),
			    &found);
		wire = slice_cut(wire, n + 1, wire.n);
	}
	return found;
}
