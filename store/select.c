/* store/select.c: ranges of the url index */
#include "store/select.h"

#include <string.h>

#include "store/base/codec.h"

static bool
is_of(const MDB_val *key, struct slice text)
{
	struct slice k = slice_make(key->mv_data, key->mv_size);

	return k.n == text.n + 8 && slice_starts(k, text);
}

enum lr
select_url(struct txn *tx, struct slice text, select_visit *visit, void *ctx)
{
	unsigned char bytes[SCHEMA_URL_KEY_MAX];
	MDB_val key = { schema_url_key(bytes, text, 0), bytes };
	uint64_t id;
	int code;

	code = mdb_cursor_get(tx->url, &key, NULL, MDB_SET_RANGE);
	while (code == 0 && is_of(&key, text)) {
		id = codec_get_be64((unsigned char *)key.mv_data + text.n);
		if (!visit(ctx, id))
			return LR_OK;
		code = mdb_cursor_get(tx->url, &key, NULL, MDB_NEXT);
	}
	return code == MDB_NOTFOUND ? LR_OK : env_status(code);
}
