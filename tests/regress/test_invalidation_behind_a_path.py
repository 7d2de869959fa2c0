"""What an unsafe request invalidates by Location and Content-Location is what
clients know it by, not the backend's own names (RFC 9111 4.4)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import cacheable, reply
from runner import equal, run, true, wait_hit


def test_a_location_of_the_backend_is_invalidated_under_our_name(t):
    origin = t.origin()
    url = origin.url
    larder = t.larder(origin_url=None, conf=f"ProxyPass /app/ {url}/\n"
                      f"ProxyPassReverse /app/ {url}/")
    client = t.client(larder)
    for name in ("Location", "Content-Location"):
        origin.on("/b", cacheable(b"old"))
        origin.on("/a", reply(f"{name}: {url}/b", status=201))
        client.get("/app/b")
        wait_hit(client, "/app/b")
        equal(client.request("POST", "/app/a", body=b"x").get(name),
              f"http://{client.authority}/app/b")
        true(not client.get("/app/b").hit, name)


run()
