"""A stored response that is not 200 and whose length its origin did not say
must say where it ends (RFC 9112 6.3)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import chunked
from runner import equal, run, wait_hit

BODY = b"there is no such page"


def test_a_chunked_404_is_served_from_the_store_with_its_length(t):
    origin = t.origin()
    origin.on("/a", b"HTTP/1.1 404 Not Found\r\nCache-Control: max-age=60\r\n"
              b"Transfer-Encoding: chunked\r\n\r\n" + chunked(BODY))
    larder = t.larder(origin)
    equal(larder.get("/a").status, 404)
    client = t.client(larder)
    hit = wait_hit(client, "/a")
    equal(hit.status, 404)
    equal(hit.get("Content-Length"), str(len(BODY)))
    equal(hit.body, BODY)
    equal(client.get("/a").body, BODY, "and the connection goes on")


run()
