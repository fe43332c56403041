"""``python -m benchmarks.reading``: print the share of cases that are read correctly, in percent.

``--write`` replaces the table of shares, which a test compares.
"""

import argparse
import json
from pathlib import Path

from benchmarks.reading.case_files import CASES, read_cases
from benchmarks.reading.score import is_right, said, shares

SHARES = Path(__file__).parent / "shares.json"


def main() -> None:
    """Print the shares of the suites in the arguments, or of all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suites", nargs="*", help="names such as de-DE (default: all)")
    parser.add_argument("--cases", type=Path, default=CASES, help="folder with the case files")
    parser.add_argument("--wrong", action="store_true", help="also print the cases that are read incorrectly")
    parser.add_argument("--write", action="store_true", help="replace the table of shares")
    options = parser.parse_args()
    cases = [case for case in read_cases(options.cases) if not options.suites or case.suite in options.suites]
    if options.wrong:
        for case in cases:
            if not is_right(case):
                print(f"{case.suite} {case.semiotic_class}: {case.written!r}")
                print(f"    should be: {' || '.join(case.spoken)}")
                print(f"    is said:   {said(case.written, case.language)}")
    table = shares(cases)
    print(json.dumps(table, indent=2))
    if options.write:
        SHARES.write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
