"""Take `visible_to` (or `shown_to`) out of one page after another; the walk must notice.

    python -m maintenance.mutate_access            # all doors
    python -m maintenance.mutate_access desk       # the doors of one package

Nothing is written: the rule of one call is left out while the walk runs. First the walk
is gone once and each call noted where it is reached; then, for each call, only what
reached it is walked again. Prints each survivor (a page whose rule could go without any
test of the walk failing) and ends with 1 if there is one. Models and verbs are left
alone: the tests of the rule and of each verb hold those.
"""

import os
import sys
from pathlib import Path

import pytest

if __name__ == "__main__":
    os.environ["ONLY"] = " ".join(sys.argv[1:])
    walk = str(Path(__file__).parents[1] / "tests" / "left_out.py")
    quiet = ("-p", "no:randomly", "--show-capture=no", "--tb=line", "--durations=0")
    sys.exit(pytest.main([walk, "--nomigrations", *quiet]))
