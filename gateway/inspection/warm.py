"""What the fork server imports, so that each worker it forks is warm already and begins in milliseconds.

In: nothing. Out: nothing. Fails: never; what fails here fails again in the worker, which tells its parent.
"""

import gc
from contextlib import suppress

with suppress(Exception):
    from gateway import unpack
    from gateway.inspection import worker

    unpack.libmagic()
    worker.warm_up()
gc.collect()
gc.freeze()  # what all workers share is looked at no more, and its pages stay shared
