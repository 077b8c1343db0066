"""Stub."""

from collections.abc import Sequence

from yiwang.kernel.cases._flow import Flow
from yiwang.kernel.cases.models import Case, Task


def of_flow(flow: Flow, layout: str) -> str:
    return ""


def of_case(flow: Flow, case: Case, done: Sequence[Task], layout: str) -> str:
    return ""
