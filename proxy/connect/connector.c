/* proxy/connect/connector.c: which connector speaks for which scheme */
#include "proxy/connect/connector.h"

#include "proxy/connect/http.h"

static const struct {
	const char *scheme;
	const struct connector *connector;
} CONNECTORS[] = {
	{ "http", &HTTP_CONNECTOR },
};

const struct connector *
connector_for(struct slice scheme)
{
	for (size_t i = 0; i < sizeof(CONNECTORS) / sizeof(CONNECTORS[0]);
	     i++) {
		if (slice_ieq(scheme, slice_of(CONNECTORS[i].scheme)))
			return CONNECTORS[i].connector;
	}
	return NULL;
}
