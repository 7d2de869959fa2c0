"""A client of one address cannot store a page under a host of another."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
import ports
from client import Client
from origin import cacheable
from runner import equal, run, true, wait_hit

HOSTS = """
Listen {ip}:SECOND
<VirtualHost {ip}:{port}>
    ServerName one.test
    ProxyPass / ONE/
</VirtualHost>
<VirtualHost {ip}:SECOND>
    ServerName two.test
    ProxyPass / TWO/
</VirtualHost>
"""


def test_a_host_named_at_the_wrong_address_poisons_nothing(t):
    one, two = t.origin(), t.origin()
    one.on("/", cacheable(b"one"))
    two.on("/", cacheable(b"two"))
    second = ports.free_port()
    larder = t.larder(conf=HOSTS.replace("SECOND", str(second))
                      .replace("ONE", one.url).replace("TWO", two.url))
    for host in ("two.test", f"two.test:{second}"):
        here = t.client(larder)
        equal(here.get("/", "Host: " + host).body, b"one")
        wait_hit(here, "/", "Host: " + host)
        with Client((larder.ip, second)) as there:
            response = there.get("/", "Host: " + host)
            equal(response.body, b"two", host)
            true(not response.hit, f"{host} is not stored there yet")


run()
