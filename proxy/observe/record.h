/* proxy/observe/record.h: what is known of a request when it is finished;
 * the input of every log line.  A plain value, borrowed for the call. */
#ifndef PROXY_OBSERVE_RECORD_H
#define PROXY_OBSERVE_RECORD_H

#include "proxy/http/message.h"
#include "proxy/net/address.h"

struct record {
	const struct http_msg *request;	 /* NULL: not even a head was read */
	const struct http_msg *response; /* for %{}o; NULL on a hit: see wire */
	struct slice response_wire;	 /* status line and fields as stored */
	struct slice request_line;	 /* as received, for %r */
	const struct address *client, *local;
	struct slice server_name;  /* of the virtual host */
	struct slice host;	   /* as asked for */
	struct slice cache_status; /* the Cache-Status value; empty: none */
	const char *cache_result;  /* "hit", "miss", "stale", "revalidated",
				    * "collapsed", "pass", "error", "-" */
	struct slice backend;	   /* url of the backend asked; empty: none */
	struct slice log_id;	   /* %L; may be empty */
	int status;		   /* sent to the client; 0: none */
	int64_t started_wall_ms;
	int64_t took_us;	 /* from the head's last byte to the end */
	int64_t first_byte_us;	 /* until the response's head went out; -1 */
	int64_t backend_us;	 /* until the backend's head was in; -1 */
	int64_t age_s, ttl_s;	 /* INT64_MIN: not from the cache */
	uint64_t bytes_in;	 /* head and body received */
	uint64_t bytes_out;	 /* head and body sent */
	uint64_t body_bytes_out; /* %B */
	unsigned keepalive_nth;	 /* %k */
	bool aborted;		 /* %X: "X" when cut off */
	bool keep_alive;	 /* %X: "+" or "-" */
	unsigned worker;
};

#endif
