#!/usr/bin/env python3
"""nginx serves /usr/share/doc; larder before it; all of it is read twice.

    LARDER=… nginx_docs.py [--root DIR] [--pages 500] [--clients 4]

The second pass must be hits alone, every byte must be the file's, and
nginx's log must not grow.
"""

import argparse
import os
import sys
import time
import urllib.parse

sys.dont_write_bytecode = True
sys.path.insert(0, sys.path[0] + "/../support")
from runner import demonstrate, equal, eventually, together, true
from site_nginx import Nginx, files_below


def one_pass(larder, pages, clients):
    """Fetches all; returns (hits, bytes, seconds)."""
    start = time.monotonic()

    def some(i):
        hits = body_bytes = 0
        with larder.client() as client:
            for target, path in pages[i::clients]:
                response = client.get(target)
                equal(response.status, 200, target)
                with open(path, "rb") as file:
                    true(response.body == file.read(), f"bytes of {target}")
                hits += response.hit
                body_bytes += response.body_bytes
        return hits, body_bytes
    results = together(clients, some)
    return (sum(r[0] for r in results), sum(r[1] for r in results),
            time.monotonic() - start)


def show(title, pages, result):
    hits, body_bytes, seconds = result
    print(f"{title}: {len(pages)} pages, {body_bytes / 1e6:.1f} MB, "
          f"{hits} hits, {seconds:.2f} s", flush=True)


def main(t):
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", default="/usr/share/doc")
    parser.add_argument("--pages", type=int, default=500, help="at least")
    parser.add_argument("--clients", type=int, default=4)
    options = parser.parse_args()
    os.mkdir(t.dir + "/nginx")
    nginx = Nginx(t.dir + "/nginx", options.root)
    t.stack.callback(nginx.stop)
    pages = [("/" + urllib.parse.quote(name), path)
             for name, path in files_below(options.root)]
    true(len(pages) >= options.pages, f"{len(pages)} pages are enough")
    larder = t.larder(origin_url=nginx.url,
                      conf="CacheSize 1G\nCacheMaxFileSize 100M\n"
                           "MaxKeepAliveRequests 0")
    show("first pass ", pages, one_pass(larder, pages, options.clients))
    eventually(lambda: larder.get(pages[-1][0]).hit, "all is stored")
    asked = len(nginx.requests())
    second = one_pass(larder, pages, options.clients)
    show("second pass", pages, second)
    print(f"nginx was asked {asked} times in the first pass, "
          f"{len(nginx.requests()) - asked} times in the second")
    equal(second[0], len(pages), "hits of the second pass")
    equal(len(nginx.requests()), asked, "requests at nginx")


demonstrate(main)
