"""Rings and doors hold, and the doors contract does say no."""

import subprocess
import sys

import grimp
import pytest

from yiwang.site import paths
from yiwang.site.doors import DoorsContract, wrong


def test_all_import_contracts_hold() -> None:
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command; lint_imports_command()",
        "--no-cache",
    ]
    said = subprocess.run(command, cwd=paths.ROOT, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("yiwang.services.matters.actions", "yiwang.kernel.cases.models"),
        ("yiwang.services.matters.pages", "yiwang.kernel.cases.pages"),
        ("yiwang.services.matters.queries", "yiwang.kernel.cases"),
        ("yiwang.services.matters.queries", "yiwang.kernel.cases._clock"),
        ("yiwang.services.matters.queries", "yiwang.kernel.base._secret"),
        ("yiwang.site.urls", "yiwang.kernel.cases.models"),
        ("yiwang.support.connectors.jobs", "yiwang.standins.office"),
        ("yiwang.standins.office", "yiwang.kernel.base.codes"),
    ],
)
def test_a_way_round_the_doors_is_refused(importer: str, imported: str) -> None:
    assert wrong(importer, imported)


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("yiwang.services.matters.actions", "yiwang.kernel.cases.actions"),
        ("yiwang.services.matters.actions", "yiwang.kernel.cases.queries"),
        ("yiwang.services.matters.apps", "yiwang.kernel.cases.contracts"),
        ("yiwang.services.matters.models", "yiwang.kernel.base.fields"),
        ("yiwang.services.matters.queries", "yiwang.services.matters._search"),
        ("yiwang.site.urls", "yiwang.kernel.cases.pages"),
        ("yiwang.site.cli.up", "yiwang.site.supervisor"),
        ("yiwang.standins.office", "yiwang.standins.moods"),
    ],
)
def test_the_doors_are_open(importer: str, imported: str) -> None:
    assert wrong(importer, imported) is None


def test_contract_fails_with_the_way_out(capsys: pytest.CaptureFixture[str]) -> None:
    graph = grimp.ImportGraph()
    for module in ("yiwang.services.matters.actions", "yiwang.kernel.cases.models"):
        graph.add_module(module)
    graph.add_import(
        importer="yiwang.services.matters.actions",
        imported="yiwang.kernel.cases.models",
        line_number=7,
        line_contents="from yiwang.kernel.cases.models import Case",
    )
    contract = DoorsContract(name="doors", session_options={"root_packages": ["yiwang"]}, contract_options={})
    check = contract.check(graph, verbose=False)
    assert not check.kept
    contract.render_broken_contract(check)
    said = " ".join(capsys.readouterr().out.split())
    assert "yiwang.services.matters.actions:7 imports yiwang.kernel.cases.models" in said
    assert "Use yiwang.kernel.cases.queries to read, yiwang.kernel.cases.actions to change" in said
