"""With CI set nothing may be skipped: what the suite needs is installed by .ci/run. Only a kernel cannot be."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[Any]:
    report = yield
    kernel = "this kernel gives no" in str(report.longrepr)
    if os.environ.get("CI") and report.skipped and not kernel and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {report.longrepr}"
    return report
