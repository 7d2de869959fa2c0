"""Clients that lag behind a body while it is being stored read on from the
store, however often it commits meanwhile."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import reply
from runner import run, together, true

BODY = bytes(range(256)) * 80_000  # 20 MB
BUFFERS = (8192, 65536, 65536, 262144)  # what each client's socket holds


def test_laggards_get_all_of_a_body_that_is_being_stored(t):
    origin = t.origin()
    larder = t.larder(origin, "CacheMaxFileSize 100000000\nCacheSize 512M")

    def fetch(path, buffer):
        client = t.client(larder, receive_buffer=buffer)
        return client.get(path).body == BODY

    for path in ("/1", "/2", "/3"):
        origin.on(path, reply("Cache-Control: max-age=60", body=BODY))
        whole = together(
            len(BUFFERS), lambda i: fetch(path, BUFFERS[i]))
        true(all(whole), f"{path}: {whole}")


run()
