"""Runs a file's tests: every function whose name begins with test_.

    test_x.py [-l] [WORD…]      -l lists; WORD: only tests whose name has it

The name is a sentence; each test gets a Case, from which it takes what it
needs and which cleans up behind it.  The output is TAP; the exit status 0
when all is well, 77 when all were skipped, 1 otherwise.  When a test fails,
larder's log follows.  LARDER names the program, LARDER_KEEP=1 keeps the
temporary directories.
"""

import contextlib
import faulthandler
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback

from clock import Clock
from larder import Larder
from origin import Origin

TEST_SECONDS = 120


class Skip(Exception):
    """This test makes no sense here; says why."""


class Case:
    """What one test uses."""

    def __init__(self):
        self.stack = contextlib.ExitStack()
        self.first = contextlib.ExitStack()  # ended before larder is
        self.larders, self.origins = [], []
        self.dir = tempfile.mkdtemp(prefix="larder-")
        self.clock = Clock(os.path.join(self.dir, "clock"))
        self.stack.callback(self.clock.close)

    def origin(self, **more):
        origin = Origin(self.clock, **more)
        self.origins.append(origin)
        self.first.callback(origin.stop)
        return origin

    def larder(self, origin=None, conf="", start=True, **more):
        """A running larder before that origin."""
        directory = os.path.join(self.dir, f"larder{len(self.larders)}")
        os.mkdir(directory)
        more.setdefault("origin_url", origin.url if origin else None)
        larder = Larder(directory, conf=conf, clock=self.clock, **more)
        self.larders.append(larder)
        if start:
            larder.start()
        return larder

    def client(self, larder, **more):
        """A connection to larder, closed at the end."""
        return self.first.enter_context(larder.client(**more))

    def gate(self):
        """An event that holds something until the test sets it."""
        gate = threading.Event()
        self.first.callback(gate.set)
        return gate

    def finish(self, well):
        """Ends everything; a test that went well must also end well."""
        try:
            self.first.close()
            self.stop_larders(well)
            if well:
                for origin in self.origins:
                    equal(origin.faults, [], "what larder sent was malformed")
        finally:
            self.stack.close()
            if not os.environ.get("LARDER_KEEP"):
                shutil.rmtree(self.dir, ignore_errors=True)

    def stop_larders(self, well):
        for larder in self.larders:
            if larder.running and well:
                larder.stop()
            elif larder.running:
                larder.kill()

    def logs(self):
        return "".join(larder.log for larder in self.larders)


# ---- saying what is expected ----

def equal(got, want, what=""):
    if got != want:
        raise AssertionError(f"{what or 'it'}: got {short(got)}, "
                             f"not {short(want)}")


def true(value, what):
    if not value:
        raise AssertionError(f"not so: {what}")


def short(value):
    text = repr(value)
    return text if len(text) < 400 else text[:300] + "…" + text[-60:]


def eventually(condition, what, seconds=30):
    """For what no event announces: asks again and again.  Returns what
    condition returned when it was first true."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"never happened: {what}")
        time.sleep(0.005)
    return value


def wait_hit(client, target, *fields, **more):
    """Asks until the answer comes from the store (it is put there behind
    the first client's back), which it returns."""
    def ask():
        response = client.get(target, *fields, **more)
        return response.hit and response
    return eventually(ask, f"a hit for {target}")


def together(n, action):
    """action(0) … action(n - 1) at once; their results, in order."""
    results, errors = [None] * n, []

    def one(i):
        try:
            results[i] = action(i)
        except Exception as error:  # of any kind: the test is to fail
            errors.append(error)

    threads = [threading.Thread(target=one, args=(i,), daemon=True)
               for i in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise AssertionError(f"{len(errors)} of {n} failed") from errors[0]
    return results


# ---- running ----

def sentence(name):
    return name.removeprefix("test_").replace("_", " ")


def run_one(test):
    """None when it went well, else what to print."""
    case = Case()
    watchdog = threading.Timer(TEST_SECONDS, give_up, (case,))
    watchdog.daemon = True
    watchdog.start()
    try:
        try:
            test(case)
        except BaseException:
            with contextlib.suppress(Exception):
                case.finish(well=False)
            raise
        case.finish(well=True)
    except Skip:
        raise
    except Exception:
        return traceback.format_exc() + "larder's log:\n" + case.logs()
    finally:
        watchdog.cancel()
    return None


def give_up(case):
    """The test hangs: shows where, and ends what it may be waiting for."""
    faulthandler.dump_traceback()
    for larder in case.larders:
        if larder.running:
            larder.signal(signal.SIGKILL)


def report(number, test):
    """Runs and prints; "ok", "not ok" or "skip"."""
    name = sentence(test.__name__)
    try:
        trouble = run_one(test)
    except Skip as why:
        print(f"ok {number} - {name} # SKIP {why}", flush=True)
        return "skip"
    verdict = "not ok" if trouble else "ok"
    print(f"{verdict} {number} - {name}", flush=True)
    for line in (trouble or "").splitlines():
        print("# " + line, flush=True)
    return verdict


def demonstrate(main):
    """Runs main(case), for what is shown and not part of the test suite."""
    signal.signal(signal.SIGTERM, terminate)
    case, status = Case(), 1
    try:
        main(case)
        case.finish(well=True)
        status = 0
    except BaseException:
        traceback.print_exc()
        with contextlib.suppress(Exception):
            case.finish(well=False)
    sys.stdout.flush()
    os._exit(status)


def terminate(*_):
    raise KeyboardInterrupt("SIGTERM")


def run():
    """Call this at the end of a test file."""
    signal.signal(signal.SIGTERM, terminate)
    tests = [f for name, f in vars(sys.modules["__main__"]).items()
             if name.startswith("test_")]
    words = sys.argv[1:]
    if words[:1] == ["-l"]:
        print("\n".join(test.__name__ for test in tests))
        return
    if words:
        tests = [t for t in tests if any(w in t.__name__ for w in words)]
    print(f"1..{len(tests)}", flush=True)
    verdicts = [report(i + 1, test) for i, test in enumerate(tests)]
    if "not ok" in verdicts or not tests:
        status = 1
    else:
        status = 77 if all(v == "skip" for v in verdicts) else 0
    sys.stdout.flush()
    os._exit(status)  # threads that wait for a closed socket may linger
