#include "proxy/request/refresh.h"

#include "proxy/request/fetch.h"

void
refresh_start(struct request *rq)
{
	struct flight *flight;
	bool lead;

	if (flight_join(rq->env, fetch_key(rq), 0, &flight, &lead) != LR_OK)
		return;
	if (lead)
		fetch_start(rq, flight, NULL);
	flight_unref(flight);
}
