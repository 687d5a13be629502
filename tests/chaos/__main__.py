"""``python -m tests.chaos --seed S --runs N --gear fast|full``."""

import argparse
import os
import sys
import time
from functools import partial
from pathlib import Path

from .chaos import run_all
from .gears import GEARS


def main():
    """Run the plans, and exit non-zero if anything was lost."""
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the first run; each next one has the next")
    parser.add_argument("--runs", type=int, default=60)
    parser.add_argument("--gear", choices=sorted(GEARS), default="fast")
    parser.add_argument("--wheel", type=Path, default=os.environ.get("WHEEL"), help="of the product; WHEEL unless given")
    parser.add_argument("--evidence", type=Path, default=Path("chaos-evidence"), help="folder for what a bad run leaves")
    parser.add_argument("--verbose", action="store_true", help="print each plan")
    options = parser.parse_args()
    summary = run_all(
        range(options.seed, options.seed + options.runs),
        gear=options.gear,
        wheel=Path(options.wheel).resolve() if options.wheel else None,
        chromium=os.environ["CHROMIUM"],
        evidence=options.evidence,
        verbose=options.verbose,
        print_line=partial(print, flush=True),
    )
    sys.exit(0 if summary.is_good else 1)


if __name__ == "__main__":
    main()
