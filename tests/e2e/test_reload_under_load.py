"""A reload while clients are being served loses no request."""

import signal
import sys
import threading

sys.path.insert(0, sys.path[0] + "/../support")
from origin import cacheable, reply
from runner import equal, eventually, run, true

CLIENTS, RELOADS = 8, 15


def served_while(t, action):
    """Clients ask on kept connections, hits and misses, while action runs;
    how many answers there were, all of them right."""
    origin = t.origin()
    origin.fallback = lambda request: (
        cacheable(request.target.encode())
        if "hit" in request.target else
        reply("Cache-Control: no-store", body=request.target.encode()))
    larder = t.larder(origin, "MaxKeepAliveRequests 0")
    stop, answers, errors = threading.Event(), [], []

    def ask(i):
        try:
            with larder.client() as client:
                while not stop.is_set():
                    for path in (f"/hit{i}", f"/miss{i}"):
                        response = client.get(path)
                        equal(response.status, 200)
                        equal(response.body, path.encode())
                        answers.append(1)
        except BaseException as error:
            errors.append(repr(error))

    threads = [threading.Thread(target=ask, args=(i,), daemon=True)
               for i in range(CLIENTS)]
    for thread in threads:
        thread.start()
    action(larder, lambda: len(answers))
    stop.set()
    for thread in threads:
        thread.join()
    equal(errors, [])
    true(len(answers) >= 10, f"{len(answers)} answers")


def test_reloads_lose_no_request(t):
    def action(larder, count):
        for i in range(RELOADS):
            larder.configure(f"MaxKeepAliveRequests 0\n"
                             f"CacheMaxFileSize {1_000_000 + i}")
            before = count()
            larder.signal(signal.SIGHUP)
            larder.wait_ready()
            eventually(lambda n=before: count() >= n + 10, "more answers")
    served_while(t, action)


def test_bad_reloads_lose_none_either(t):
    def action(larder, count):
        for i in range(5):
            larder.configure(f"NoSuchDirective {i}")
            before = count()
            larder.signal(signal.SIGHUP)
            larder.wait_log("NoSuchDirective")
            eventually(lambda n=before: count() >= n + 10, "more answers")
    served_while(t, action)


def test_reopening_logs_loses_none_either(t):
    def action(larder, count):
        for _ in range(RELOADS):
            before = count()
            larder.signal(signal.SIGUSR1)
            eventually(lambda n=before: count() >= n + 10, "more answers")
    served_while(t, action)


run()
