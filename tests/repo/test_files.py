"""Habits that hold only because a test holds them: small files, no drawers for odds and ends, no paths or hosts of one machine."""

import json
import re

from tests.repo import house
from yiwang.site import paths

LINES_MAX = 400
DRAWERS = {"utils.py", "util.py", "helpers.py", "common.py", "misc.py"}
INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*type=\"(?:application/json|application/ld\+json)\")[^>]*>|<style\b|\sstyle=|\son[a-z]+=",
    re.I,
)
TAGS = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}", re.DOTALL)
MACHINE = re.compile(r"(?:/home/[a-z]|/Users/[A-Z]|/root/|/work/|C:\\\\)")
HOSTS = re.compile(r"https?://(?!127\.0\.0\.1|localhost|www\.w3\.org)[\w.-]+", re.I)
UNFINISHED = re.compile(r"#.*\b(?:TODO|FIXME|XXX|HACK)\b")


def test_source_files_stay_small() -> None:
    long = {house.short(path): lines for path in house.tracked("*.py") if (lines := _lines(path)) > LINES_MAX}
    assert not long, f"split by idea: {long}"


def test_there_are_no_drawers() -> None:
    found = [house.short(path) for path in house.tracked("*.py") if path.name in DRAWERS]
    assert not found, f"put each function where its idea lives: {found}"


def test_templates_carry_no_script_or_style() -> None:
    # The content security policy blocks them, so a page would silently lose what they do.
    found = {
        house.short(path): match.group(0)
        for path in house.tracked("*.html")
        if path.is_relative_to(house.SOURCE)
        and (match := INLINE.search(TAGS.sub("", path.read_text(encoding="utf-8"))))
    }
    assert not found, f"move it to static/<app>/: {found}"


def test_nothing_names_a_folder_of_one_machine() -> None:
    kinds = ("*.py", "*.toml", "*.yaml", "*.md", "*.json", "*.html", "*.sh", "yiwang", "run", "quick")
    found = [
        f"{house.short(path)}: {match.group(0)}"
        for path in house.tracked(*kinds)
        if path.name != "test_files.py" and (match := MACHINE.search(path.read_text(encoding="utf-8")))
    ]
    assert not found


def test_lock_files_pin_by_hash_and_name_no_host() -> None:
    requirements = (paths.ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert not HOSTS.findall(requirements)
    pinned = re.findall(r"^[a-z0-9][\w.\[\]-]*==", requirements, re.M)
    assert len(pinned) == len(re.findall(r"^[a-z0-9].*\\\n\s+--hash=sha256:", requirements, re.M))

    text = (paths.ROOT / "package-lock.json").read_text(encoding="utf-8")
    assert not HOSTS.findall(text)
    packages = {name: found for name, found in json.loads(text)["packages"].items() if name}
    assert all("integrity" in found and "resolved" not in found for found in packages.values())


def test_every_dependency_is_locked() -> None:
    import tomllib

    project = tomllib.loads((paths.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    asked = {re.split(r"[\[><=!~; ]", name, maxsplit=1)[0].lower() for group in groups for name in group}
    locked = set(
        re.findall(r"^([a-z0-9][\w.-]*)==", (paths.ROOT / "requirements.lock").read_text(encoding="utf-8"), re.M)
    )
    assert not asked - locked, "run ./yiwang lock"


def test_source_leaves_nothing_for_later() -> None:
    found = [
        f"{house.short(path)}:{number}"
        for path in house.tracked("*.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if path.name != "test_files.py" and UNFINISHED.search(line)
    ]
    assert not found


def test_every_app_says_what_it_is_for() -> None:
    missing = [
        app for app in house.apps() if not (house.SOURCE.parent.joinpath(*app.split(".")) / "README.md").exists()
    ]
    assert not missing, f"a README.md of about ten lines: {missing}"


def _lines(path: object) -> int:
    return len(open(str(path), encoding="utf-8").readlines())
