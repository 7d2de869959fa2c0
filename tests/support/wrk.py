"""wrk as a client: how many requests it made, and what went wrong."""

import os
import re
import shutil
import subprocess

# Every path another.
COUNT = """
local n = {first}
request = function()
    n = n + 1
    return wrk.format("GET", "{prefix}" .. n)
end
"""

# Some of so many paths: a tenth of them gets about half of the requests.
SKEWED = """
math.randomseed(7)
request = function()
    return wrk.format("GET",
        "{prefix}" .. math.floor({objects} * math.random() ^ 3) + 1)
end
"""

# wrk would go on until its time is over, whatever its script says.
STOP_AFTER = """
local answers = 0
response = function()
    answers = answers + 1
    if answers >= {requests} then os.exit(0) end
end
"""

MOST_SECONDS = 60


class Failed(Exception):
    """wrk did not run."""


def installed():
    return shutil.which("wrk") is not None


class Wrk:
    """Keeps its scripts in that directory."""

    def __init__(self, directory):
        self.script = os.path.join(directory, "wrk.lua")

    def load(self, url, seconds, connections, lua=None):
        """(requests made, requests that went wrong)."""
        text = self.run(url, f"{seconds}s", connections, lua)
        made = re.search(r"(\d+) requests in", text)
        if not made:
            raise Failed(text)
        wrong = sum(int(n) for line in re.findall(
            r"Socket errors: (.*)|Non-2xx or 3xx responses: (\d+)", text)
            for n in re.findall(r"\d+", " ".join(line)))
        return int(made[1]), wrong

    def fetch(self, url, requests, connections, lua):
        """At least that many requests, however long they take."""
        lua += STOP_AFTER.format(requests=requests)
        text = self.run(url, f"{MOST_SECONDS}s", connections, lua)
        if "requests in" in text:
            raise Failed(f"{url}: not {requests} answers in time\n{text}")

    def run(self, url, time, connections, lua):
        command = ["wrk", "-t1", f"-c{connections}", f"-d{time}"]
        if lua:
            with open(self.script, "w", encoding="utf-8") as file:
                file.write(lua)
            command += ["-s", self.script]
        run = subprocess.run(command + [url], capture_output=True, text=True)
        if run.returncode != 0:
            raise Failed(run.stdout + run.stderr)
        return run.stdout
