"""Name-based and address-based virtual hosts, as Apache matches them."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
import ports
from client import Client
from origin import cacheable
from runner import equal, run, wait_hit

HOSTS = """
<VirtualHost *:{port}>
    ServerName one.test
    ServerAlias www.one.test *.alias.test
    ProxyPass / ONE/
</VirtualHost>
<VirtualHost *:{port}>
    ServerName two.test
    ProxyPass / TWO/
</VirtualHost>
"""


def two(t, conf):
    one, two = t.origin(), t.origin()
    one.on("/", cacheable(b"one"))
    two.on("/", cacheable(b"two"))
    conf = conf.replace("ONE", one.url).replace("TWO", two.url)
    return t.larder(conf=conf)


def test_the_name_chooses(t):
    client = t.client(two(t, HOSTS))
    for host, body in (("one.test", b"one"), ("two.test", b"two"),
                       ("TWO.test", b"two"), ("two.test:80", b"two"),
                       ("www.one.test", b"one"), ("a.alias.test", b"one")):
        equal(client.get("/", "Host: " + host).body, body, host)


def test_the_first_is_the_default(t):
    client = t.client(two(t, HOSTS))
    equal(client.get("/", "Host: unknown.test").body, b"one")
    equal(client.get("/", "Host: -", version="HTTP/1.0").body, b"one")


def test_each_host_has_its_own_objects(t):
    client = t.client(two(t, HOSTS))
    for _ in range(2):
        for host, body in (("one.test", b"one"), ("two.test", b"two")):
            client.get("/", "Host: " + host)
            equal(wait_hit(client, "/", "Host: " + host).body, body)


def test_the_port_chooses_too(t):
    port = ports.free_port()
    larder = two(t, f"""
Listen {ports.own_ip()}:{port}
<VirtualHost *:{{port}}>
    ServerName same.test
    ProxyPass / ONE/
</VirtualHost>
<VirtualHost *:{port}>
    ServerName same.test
    ProxyPass / TWO/
</VirtualHost>""")
    for p, body in ((larder.port, b"one"), (port, b"two")):
        with Client((larder.ip, p)) as client:
            equal(client.get("/", f"Host: same.test:{p}").body, body)


def test_settings_differ_between_hosts(t):
    larder = two(t, """
<VirtualHost *:{port}>
    ServerName one.test
    LimitRequestBody 10
    ProxyPass / ONE/
</VirtualHost>
<VirtualHost *:{port}>
    ServerName two.test
    CacheDisable /
    ProxyPass / TWO/
</VirtualHost>""")
    client = t.client(larder)
    client.get("/", "Host: one.test")
    wait_hit(client, "/", "Host: one.test")
    for _ in range(2):
        equal(client.get("/", "Host: two.test").hit, False)
    equal(client.request("POST", "/", "Host: two.test",
                         body=b"x" * 20).status, 200)
    equal(client.request("POST", "/", "Host: one.test",
                         body=b"x" * 20).status, 413)


run()
