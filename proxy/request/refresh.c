#include "proxy/request/refresh.h"

#include "proxy/request/fetch.h"
#include "proxy/request/flight_table.h"

void
refresh_start(struct request *rq)
{
	struct cache_key key = fetch_key(rq);
	struct flight *flight;
	bool lead;

	if (key.text.p == NULL ||
	    flight_join(rq->env, key, 0, &flight, &lead) != LR_OK)
		return;
	if (lead)
		fetch_start(rq, flight, NULL);
	flight_unref(flight);
}
