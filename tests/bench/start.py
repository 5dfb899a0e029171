"""`make demo` to the first answer: on a fresh copy of the tree, then a second time.

The package cache is as warm as it is found. Limits: 30 s for the first start, 5 s for the second.
"""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

TREE = Path(__file__).parents[2]
LIMITS = {"first": 30.0, "second": 5.0}
QUERY = b'{"query": "{ cohorts { nodes { name } } }"}'


def first_answer(tree: Path, data: Path) -> float:
    """Start the demo, wait for an answer with data in it, stop it, and give the seconds."""
    env = os.environ | {"CORDEE_DATA_DIR": str(data), "CORDEE_PORT": "0"}
    began = time.perf_counter()
    process = subprocess.Popen(
        ["make", "demo"],
        cwd=tree,
        env=env,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if found := re.search(r"(http://\S+/graphql)", line):
                break
        else:
            raise SystemExit("make demo ended without an address")
        request = urllib.request.Request(  # noqa: S310
            found[1], QUERY, {"content-type": "application/json"}
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            assert b"CEC Ouest" in answer.read()
        return time.perf_counter() - began
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=30)


def main() -> None:
    """Measure both starts."""
    with tempfile.TemporaryDirectory(prefix="cordee-start-") as scratch:
        tree, data = Path(scratch, "tree"), Path(scratch, "data")
        shutil.copytree(TREE, tree, ignore=shutil.ignore_patterns(".venv", ".git", ".*_cache"))
        for name, limit in LIMITS.items():
            seconds = first_answer(tree, data)
            share = f"{seconds / limit:.2f} of {limit:.0f} s"
            print(f"{name} start to first answer: {seconds:5.1f} s, {share}")


if __name__ == "__main__":
    main()
