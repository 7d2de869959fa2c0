/* proxy/request/flight_table.h: the fetches in progress, by key; one table
 * per process, for any thread. */
#ifndef PROXY_REQUEST_FLIGHT_TABLE_H
#define PROXY_REQUEST_FLIGHT_TABLE_H

#include "proxy/request/flight.h"

/* LR_NOMEM. */
enum lr flight_table_create(struct flight_table **out);
void flight_table_free(struct flight_table *t);
/* Fetches under way now whose answers may be kept. */
size_t flight_table_count(struct flight_table *t);
/* Keys whose answers could not be shared are remembered for a while, so
 * that nobody queues for them ("hit-for-miss"). */
void flight_table_remember_private(
    struct flight_table *t, uint64_t hash, int64_t mono_ms);
void flight_table_forget_private(struct flight_table *t, uint64_t hash);
bool flight_table_is_private(
    struct flight_table *t, uint64_t hash, int64_t mono_ms);
/* The resource changed (RFC 9111 4.4): what is being fetched for this key
 * may still be followed by those who do, but is neither stored nor joined.
 * spared: the flight that brought the news; NULL when there is none. */
void flight_table_doom(
    struct flight_table *t, struct slice resource, const struct flight *spared);

/* A number that all who ask get alike, until flight_table_doom says that
 * the resource changed (request/marker.h). */
uint64_t flight_table_generation(struct flight_table *t, uint64_t hash);

/* ---- joining ---- */

/* What a flight's key has behind the whole's when a part is fetched. */
#define FLIGHT_PART "\n\npart "
#define FLIGHT_PARTS 8

/* A flight's key is the resource's, or, for a variant known beforehand,
 * the resource's text, a line end and the normalised Vary values. */

/* The flight for key, with a reference.  LR_NOTFOUND. */
enum lr flight_follow(
    struct request_env *env, struct cache_key key, struct flight **out);
/* Likewise, when its response is complete and only the store is not done
 * with it: as good as stored. */
enum lr flight_follow_complete(
    struct request_env *env, struct cache_key key, struct flight **out);
/* Flights for parts of what whole is the key of, each with a reference. */
void flight_parts(struct request_env *env, struct cache_key whole,
    struct flight *out[FLIGHT_PARTS], size_t *n);
/* Joins the flight for key, or begins one with env as its home; *lead
 * says which; with a reference.  LR_EXISTS: an object was published under
 * object_hash since the caller looked (0: not looked at).  LR_NOMEM. */
enum lr flight_join(struct request_env *env, struct cache_key key,
    uint64_t object_hash, struct flight **out, bool *lead);
/* A flight that nobody else can join; flight_table_doom finds it by key
 * (empty: nothing of it is kept). */
enum lr flight_create_solo(
    struct request_env *env, struct cache_key key, struct flight **out);
/* Gives a flight that has no key this one: flight_table_doom finds it from
 * now on.  On its home worker, before flight_publish.  LR_NOMEM. */
enum lr flight_list(struct flight *f, struct cache_key key);
/* The answer of a flight that nobody could join turned out to be one for
 * others: it can be joined now, unless another one can, or it is doomed.  On
 * its home worker, before flight_publish. */
void flight_share(struct flight *f);

#endif
