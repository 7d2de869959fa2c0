#include "proxy/request/refresh.h"

#include "proxy/request/fetch.h"
#include "proxy/request/flight_table.h"

void
refresh_start(struct request *rq)
{
	struct cache_key key;
	struct flight *flight;
	bool lead;

	/* Of a sparse object only what the request wants is asked about. */
	rq->ask = (rq->entry.flags & ENTRY_PARTIAL) != 0 ? ASK_RANGE
							 : ASK_WHOLE;
	key = fetch_key(rq);
	if (key.text.p == NULL ||
	    flight_join(rq->env, key, 0, &flight, &lead) != LR_OK)
		return;
	if (lead)
		fetch_start(rq, flight, NULL);
	flight_unref(flight);
}
