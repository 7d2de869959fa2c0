#!/usr/bin/env python3
"""A tour of larder, with real requests.

    demo.py [--larder PROGRAM] [--port 8080]

A small site (html, css, js, svg, a file of 20 MB) runs behind larder.  Each
step of the tour asks, shows what came, and checks that it shows what it
claims: the exit status is 1 if one did not.  On a terminal larder then goes
on serving until Ctrl-C.
"""

import argparse
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
import demo_site
from clock import SystemClock
from larder import Failed, Larder
from origin import Origin, reply
from runner import together, wait_hit

CLIENTS = 200
THINKS_S = 0.04  # how long the site takes over each answer

CONFIGURATION = """\
Listen        {listen}
ServerName    localhost
CacheRoot     {dir}/store
CacheSize     256M
CacheMaxFileSize 100M
CacheEnable   disk /
CacheLock     on
ProxyPass     / {origin}/
"""


class Missed(Exception):
    """A step did not show what it claims."""


# ---- what it looks like ----

class Page:
    """Writes to the terminal, in colour where that is welcome."""

    def __init__(self):
        self.terminal = sys.stdout.isatty()
        self.colour = self.terminal and not os.environ.get("NO_COLOR")
        sys.stdout.reconfigure(errors="replace", line_buffering=True)

    def paint(self, code, text):
        return f"\033[{code}m{text}\033[0m" if self.colour else text

    def bold(self, text):
        return self.paint("1", text)

    def dim(self, text):
        return self.paint("2", text)

    def line(self, text=""):
        print(text)

    def step(self, number, title, text):
        self.line()
        self.line(f"{self.paint('1;36', number)}  {self.bold(title)}")
        for part in text.splitlines():
            self.line("   " + part)

    def shown(self, text):
        self.line("   " + self.paint("32", "ok") + "  " + text)

    def answer(self, target, response, seconds):
        verdict = (self.paint("32", "hit") if response.hit
                   else self.paint("33", "miss"))
        self.line(f"   {target:<14}{response.status}  "
                  f"{size(response.body_bytes):>8}{time_text(seconds):>10}   "
                  + verdict)

    def field(self, response, name):
        self.line("      " + self.dim(f"{name}: {response.get(name)}"))


def size(n):
    if n < 1000:
        return f"{n} B"
    return f"{n / 1000:.1f} kB" if n < 1e6 else f"{n / 1e6:.1f} MB"


def time_text(seconds):
    return f"{seconds * 1000:.1f} ms"


def check(condition, claim):
    if not condition:
        raise Missed(claim)


# ---- the site ----

class Site(Origin):
    """The sample site, which takes its time and counts what it is asked."""

    def __init__(self):
        super().__init__(SystemClock(), ip="127.0.0.1")
        self.files = demo_site.files()
        self.hold = threading.Event()
        for path, (kind, body) in self.files.items():
            self.on(path, self.page(kind, body))
        self.on("/", self.page(*self.files["/index.html"]))

    def page(self, kind, body):
        def answer(request):
            if request.target == demo_site.POPULAR:
                self.hold.wait(30)
            time.sleep(THINKS_S)  # stands for work that a real site does
            return reply("Cache-Control: public, max-age=3600",
                         f"Content-Type: {kind}",
                         f'ETag: "{hash(body) & 0xffffffff:x}"', body=body)
        return answer

    def size(self):
        return sum(len(body) for _, body in self.files.values())


# ---- the tour ----

class Tour:
    def __init__(self, page, site, larder):
        self.page, self.site, self.larder = page, site, larder

    def get(self, client, target):
        """One request; shown with the time it took."""
        start = time.perf_counter()
        response = client.get(target)
        seconds = time.perf_counter() - start
        self.page.answer(target, response, seconds)
        check(response.status == 200, f"{target} was served")
        body = self.site.files[target][1]
        check(response.body == body, f"{target} came whole")
        return response

    def store(self, *targets):
        """Waits until larder has put them away (behind our back)."""
        with self.larder.client() as client:
            for target in targets:
                wait_hit(client, target)

    def first_and_second(self):
        self.page.step(1, "The first request is a miss, the second a hit.",
                       "larder asks the site once and remembers.")
        with self.larder.client() as client:
            first = self.get(client, "/index.html")
            self.page.field(first, "Cache-Status")
            check(not first.hit, "the first request is a miss")
            self.store("/index.html")
            second = self.get(client, "/index.html")
            self.page.field(second, "Cache-Status")
            check(second.hit, "the second request is a hit")
        check(self.site.count() == 1, "the site was asked once")
        self.page.shown("the site was asked once")

    def all_kinds(self):
        self.page.step(2, "The rest of the site, twice.",
                       "Large files stream to the client and into the store "
                       "at the same time.")
        targets = [f for f in self.site.files if f not in (
            "/index.html", demo_site.POPULAR)]
        with self.larder.client() as client:
            for target in targets:
                self.get(client, target)
            self.store(*targets)
            asked = self.site.count()
            for target in targets:
                check(self.get(client, target).hit, f"{target} is a hit")
        check(self.site.count() == asked, "the second time asks nothing")
        self.page.shown("the second time, the site was not asked at all")

    def crowd(self):
        target = demo_site.POPULAR
        self.page.step(3, f"{CLIENTS} clients want the same new file at once.",
                       "The first of them fetches it, the others join in and "
                       "receive it as it comes.")
        body = self.site.files[target][1]
        clients = [self.larder.client() for _ in range(CLIENTS)]
        for client in clients:
            client.ask("GET", target)
        start = time.perf_counter()
        self.site.hold.set()
        responses = together(CLIENTS, lambda i: clients[i].read())
        seconds = time.perf_counter() - start
        for client in clients:
            client.close()
        check(all(r.status == 200 and r.body == body for r in responses),
              "all of them got it, whole")
        asked = self.site.count(target)
        self.page.line(
            f"   {target:<14}{CLIENTS} × 200  {size(len(body)):>8}"
            f"{time_text(seconds):>10}")
        check(asked == 1, "the site was asked once")
        self.page.shown(f"{CLIENTS} answers, whole; one request at the site")

    def without_the_site(self):
        self.page.step(4, "The site goes down.",
                       "Its visitors notice nothing.")
        self.store(*self.site.files)
        self.site.stop()
        self.everything_is_a_hit()
        self.page.shown("served, with nobody behind it")

    def after_a_restart(self):
        self.page.step(5, "larder is restarted, the site still down.",
                       "The store is on disk: nothing has to be fetched "
                       "again.")
        start = time.perf_counter()
        self.larder.stop()
        self.larder.start()
        self.page.line("   stopped and ready again in "
                       + time_text(time.perf_counter() - start))
        self.everything_is_a_hit()
        self.page.shown("still warm")

    def everything_is_a_hit(self):
        with self.larder.client() as client:
            for target in self.site.files:
                check(self.get(client, target).hit, f"{target} is a hit")

    def run(self):
        self.first_and_second()
        self.all_kinds()
        self.crowd()
        self.without_the_site()
        self.after_a_restart()


# ---- around it ----

def port_is_free(port):
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False


def introduce(page, site, larder):
    page.line(page.bold("larder") + ", a caching reverse proxy")
    page.line()
    page.line(f"   a small site   {site.url:<24} "
              f"{len(site.files)} files, {size(site.size())}")
    page.line(f"   larder         http://127.0.0.1:{larder.port:<7} "
              "stands before it, told to by")
    page.line()
    for text in larder.text().replace(larder.dir, "DIR").splitlines():
        page.line("      " + page.dim(text))


def keep_serving(page, site, larder):
    site.start()
    page.line()
    url = f"http://127.0.0.1:{larder.port}/"
    page.line(f"   Look yourself: {page.bold(url)}   or   curl -i {url}")
    page.line("   Ctrl-C ends it.")
    while True:
        signal.pause()


def tour(options, directory):
    """The exit status."""
    page, site = Page(), Site()
    larder = Larder(directory, site.url, template=CONFIGURATION)
    larder.ip, larder.port = "127.0.0.1", options.port
    introduce(page, site, larder)
    try:
        larder.start()
        Tour(page, site, larder).run()
    except (Missed, Failed, OSError, AssertionError) as why:
        page.line(f"\n{page.paint('1;31', 'It was not so:')} {why}\n"
                  + larder.log)
        return 1
    else:
        if page.terminal:
            keep_serving(page, site, larder)
        return 0
    finally:
        if larder.running:
            larder.stop()
        if site.listener:
            site.stop()


def main():
    parser = argparse.ArgumentParser(description="A tour of larder.")
    parser.add_argument("--larder", help="the program")
    parser.add_argument("--port", type=int, default=8080)
    options = parser.parse_args()
    if options.larder:
        os.environ["LARDER"] = options.larder
    if not port_is_free(options.port):
        print(f"127.0.0.1:{options.port} is in use.  End what listens there, "
              "or choose another port: demo.py --port N", file=sys.stderr)
        return 1
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    directory = tempfile.mkdtemp(prefix="larder-demo-")
    try:
        return tour(options, directory)
    except KeyboardInterrupt:
        print()
        return 0
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    sys.stdout.flush()
    sys.exit(main())
