"""Holds a fresh Python back until its program is there, with numpy already imported.

The supervisor starts ``python3 /job/program.py`` ahead of time, while there is no such file, with
this one on the path as ``sitecustomize``: the interpreter runs it when it is ready and before it
looks for the program. It stops itself, which the supervisor sees, and is continued when the program
has come. So nothing stands between the interpreter and the program: its ``__main__``, its
tracebacks, its exit code and how it ends are those of any ``python3 program.py``.

Nothing here is relied on once the program runs; the program could change all of it.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys

HERE = __file__.rpartition("/")[0]


def renew_main() -> None:
    """Give the program a ``__main__`` that is not frozen.

    What is frozen is never collected, nor is anything that it refers to.
    """
    main = type(sys)("__main__")
    vars(main).update(vars(sys.modules["__main__"]), __annotations__={})
    sys.modules["__main__"] = main


# A default argument of numpy's holds on to stdout. Frozen with it, the program's own would not be
# flushed at the end.
with contextlib.redirect_stdout(os.fdopen(1, "w", buffering=1, closefd=False)):
    import numpy  # noqa: F401

del os.environ["PYTHONPATH"]
sys.path.remove(HERE)
sys.path_importer_cache.pop(HERE)
# So the collector need not visit numpy any more, not even at the end: 10 ms for each program.
gc.collect()
gc.freeze()
renew_main()
os.kill(os.getpid(), signal.SIGSTOP)
