"""Scene packs: what shows more than it declares, or has no ground, is refused where it stands."""

import shutil
from pathlib import Path

import pytest

from yiwang.kernel.packs import queries as packs
from yiwang.site import paths

GOOD = (paths.ROOT / "packs/anlan/scenes/counter.yaml").read_text(encoding="utf-8")
NATIONAL = paths.ROOT / "packs/national"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("packs")
    (root / "national" / "elements").mkdir(parents=True)
    for name in ("person", "firm"):
        shutil.copy(NATIONAL / "elements" / f"{name}.yaml", root / "national" / "elements")
    shutil.copytree(NATIONAL / "posts", root / "national" / "posts")
    (root / "national" / "place.yaml").write_text("kind: Place\nid: national\ntitle: 全国\n")
    return root


def check(place: Path, text: str) -> list[str]:
    (place / "national" / "scene.yaml").write_text(text)
    return [str(problem) for problem in packs.check(place) if "scene.yaml" in problem.path]


def test_the_shipped_scene_is_sound(place: Path) -> None:
    assert check(place, GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("learns: [person.name, ", "learns: [", "“person.name”没有在 learns 里声明"),
        ("fills:", "screen: [person.id-type]\nfills:", "“person.id-type”没有在 learns 里声明"),
        ("legal_basis: [", "legal_basis: []\nnote_: [", "note_"),
        (GOOD[GOOD.index("legal_basis") : GOOD.index("purpose")], "", "没有写依据"),
        ("firm.agent-name]", "firm.agent-name, person.salary]", "没有可以提供的信息“person.salary”"),
        ("firm.agent-name]", "firm.agent-name, person.age-at-least]", "请写成 person.age-at-least:60"),
        ("firm.agent-name]", "firm.agent-name, 'licence:no-such']", "没有证照类型 no-such"),
        ("holders: [person, firm]", "holders: [firm]", "不是这个场景的持码人的信息"),
        ("posts: [window-clerk]", "posts: [window-clark]", "window-clark"),
        ("posts: [window-clerk]", "posts: [leader]", "没有扫码的权限"),
        ("mode: online", "mode: offline", "离线验码的设备只能知道码是真的"),
        (", en: At a service counter}", "}", "没有英文"),
        ("keep_days: 180", "keep_days: 4000", "keep_days"),
    ],
)
def test_each_mistake_is_named_where_it_stands(place: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    problems = check(place, GOOD.replace(old, new, 1))
    assert any(said in problem for problem in problems), problems
