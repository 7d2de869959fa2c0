/* proxy/connect/http_receive.h: an answer on its way in.
 *
 * Bytes are read into a block; the head is parsed where it lies, the body
 * is handed out as spans of the block:
 *
 *   block  | handed out | not looked at yet | room to read into |
 *                       ^ at                ^ block->len        ^ block->cap
 *
 * When all was handed out and nobody kept a reference, the block is filled
 * from its start again; else its tail is used, or a new one.
 * Knows no socket.  One thread.  Source: RFC 9112. */
#ifndef PROXY_CONNECT_HTTP_RECEIVE_H
#define PROXY_CONNECT_HTTP_RECEIVE_H

#include "proxy/connect/connector.h"
#include "proxy/http/chunked.h"

enum http_piece_kind {
	HTTP_PIECE_INTERIM, /* 1xx */
	HTTP_PIECE_HEAD,
	HTTP_PIECE_BODY,
	HTTP_PIECE_END
};

struct http_piece { /* borrowed until the next call */
	enum http_piece_kind kind;
	struct http_msg *msg; /* INTERIM, HEAD; END: trailers or NULL */
	bool has_body;	      /* HEAD */
	uint64_t body_bytes;  /* HEAD; UINT64_MAX: not known */
	struct span span;     /* BODY */
};

struct http_receive { /* embedded; zeroed is empty */
	struct block *block;
	uint32_t at;
	bool filled; /* the last read took all the room there was */
	enum { HTTP_IN_HEAD, HTTP_IN_BODY, HTTP_IN_END, HTTP_IN_DONE } state;
	bool began;	 /* any byte came */
	bool keep_alive; /* the head allows it */
	enum http_method method;
	struct h1_limits limits;
	struct h1_parser parser;
	struct h1_body body; /* length counts down */
	struct chunked chunked;
	struct arena arena; /* of msg and trailers */
	struct http_msg msg;
};

/* Ready for the answer to a request of that method. */
void http_receive_start(struct http_receive *r, enum http_method method,
    const struct h1_limits *limits);
/* Gives back what grew beyond a small answer's needs. */
void http_receive_end(struct http_receive *r);
void http_receive_free(struct http_receive *r);

/* Where to read into: *room bytes at *to, at least one.  Only when
 * http_receive_next said LR_AGAIN.  LR_TOOBIG (a giant head), LR_NOMEM. */
enum lr http_receive_room(struct http_receive *r, void **to, size_t *room);
void http_receive_fill(struct http_receive *r, size_t n);
/* The peer's end came in order: LR_OK when that completes the answer
 * (http_receive_next tells of it), else LR_CLOSED. */
enum lr http_receive_eof(struct http_receive *r);

/* What comes next of what was read.  LR_AGAIN: more is needed.
 * LR_INVALID, LR_TOOBIG: malformed; LR_UNSUPPORTED (101, an unknown
 * coding); LR_NOMEM. */
enum lr http_receive_next(struct http_receive *r, struct http_piece *out);

/* After the end: may another request go over the connection? */
bool http_receive_reusable(const struct http_receive *r);

#endif
