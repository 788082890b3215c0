"""Run every `curl` line of the README against a server, and say which one fails.

Usage: python tests/readme_examples.py http://127.0.0.1:8420 DEMO_OUTPUT
The examples are run as printed, so the demo must listen where they say; the
token they write with is the one in its output.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 60
"""Seconds a server may take to answer for the first time."""


BREATH = 0.1
"""Seconds between two examples, as nobody types faster: a read may be 50 ms old."""


def examples() -> list[str]:
    """Return the curl commands of the README, lines that end in a backslash joined."""
    blocks = re.findall(
        r"```(?:console|bash|sh)\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL
    )
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [
        line.removeprefix("$ ") for line in lines if line.removeprefix("$ ").startswith("curl ")
    ]


def wait(address: str) -> None:
    """Wait until the server answers."""
    for _ in range(PATIENCE * 4):
        try:
            urlopen(f"{address}/healthz", timeout=5).close()
        except (URLError, ConnectionError):
            time.sleep(0.25)
        else:
            return
    raise SystemExit(f"{address} does not answer")


def main(address: str, output: str) -> int:
    """Run the examples and return 1 if one fails or prints nothing."""
    wait(address)
    found = examples()
    told = re.search(r"aimsgraph_[\w-]+", Path(output).read_text("utf-8"))
    if told is None:
        raise SystemExit(f"{output} has no token")
    environ = {**os.environ, "TOKEN": told.group()}
    failed = 0
    for command in found:
        time.sleep(BREATH)
        done = subprocess.run(  # noqa: S602 - the README's own lines, as a reader pastes them
            command.replace("curl ", "curl --fail-with-body --silent --show-error ", 1),
            shell=True,
            capture_output=True,
            cwd=ROOT,
            env=environ,
            check=False,
        )
        is_good = done.returncode == 0 and bool(done.stdout)
        failed += not is_good
        print(f"{'ok  ' if is_good else 'FAIL'} {command}")  # noqa: T201 - a script's own output
        if not is_good:
            print((done.stdout + done.stderr).decode(errors="replace")[:500])  # noqa: T201
    print(f"{len(found)} examples, {failed} failed")  # noqa: T201
    return 1 if failed or not found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
