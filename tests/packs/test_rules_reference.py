"""What docs/reference/rules.md says is so: its packs check, its Python runs, its commands answer."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from yiwang.kernel.packs import queries as packs
from yiwang.kernel.rules import queries as rules
from yiwang.site import paths
from yiwang.site.cli import rules as cli

TEXT = (paths.ROOT / "docs" / "reference" / "rules.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "doc").mkdir()
    (tmp_path / "doc" / "place.yaml").write_text("kind: Place\nid: doc\ntitle: 此地\n", encoding="utf-8")
    (tmp_path / "doc" / "rules.yaml").write_text("\n---\n".join(blocks("yaml")), encoding="utf-8")
    return tmp_path


def test_its_packs_have_no_problem(root: Path) -> None:
    assert len(blocks("yaml")) == 4
    assert [str(problem) for problem in packs.check(root)] == []


def test_its_python_runs(root: Path) -> None:
    assert len(blocks("python")) == 2
    with packs.using(root), duckdb.connect() as connection:
        names = {"rules": rules, "date": date, "Decimal": Decimal, "connection": connection}
        for block in blocks("python"):
            exec(block, names)


def test_its_commands_answer(root: Path) -> None:
    def yiwang(*arguments: str) -> str:
        said = CliRunner().invoke(cli.command, [*arguments, "--root", str(root)])
        assert said.exit_code == 0, said.output
        return said.stdout

    assert "Rule\tdoc.stable-jobs@1\t稳岗补贴" in yiwang("list")
    facts = '{"employees": 10, "payroll": "20100.00"}'
    said = yiwang("explain", "doc.stable-jobs", "--on", "2026-06-30", "--facts", facts)
    assert "稳岗补贴（doc.stable-jobs@1，按 2026-06-30）：还不能确定" in said
    assert "✓ small 从业人员不超过300人  依据：中小企业划型标准规定第四条" in said
    assert "✓ paid 人均工资不低于最低工资标准（2010元）" in said
    assert "缺：成立日期" in said
