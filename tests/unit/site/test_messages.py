"""Translations are compiled from every app's own file, and again when one changes."""

import gettext
import os
from pathlib import Path

import pytest

from yiwang.site import messages, paths

PO = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "%s"\nmsgstr "%s"\n'


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.setattr(paths, "HOME", tmp_path / "var")
    return tmp_path


def write(house: Path, folder: str, chinese: str, english: str) -> Path:
    path = house / folder / "locale" / "en" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(PO % (chinese, english), encoding="utf-8")
    return path


def spoken(house: Path) -> gettext.NullTranslations:
    return gettext.translation("django", house / "var" / "locale", languages=["en"])


def test_files_of_all_apps_become_one(house: Path) -> None:
    write(house, "src/yiwang/kernel/design", "首页", "Home")
    write(house, "src/yiwang/services/matters", "事项", "Matters")
    messages.compile_all()
    assert (spoken(house).gettext("首页"), spoken(house).gettext("事项")) == ("Home", "Matters")


def test_changed_file_is_compiled_again(house: Path) -> None:
    path = write(house, "src/yiwang/kernel/design", "首页", "Home")
    messages.compile_all()
    write(house, "src/yiwang/kernel/design", "首页", "Front page")
    later = path.stat().st_mtime + 10
    os.utime(path, (later, later))
    messages.compile_all()
    gettext._translations.clear()  # type: ignore[attr-defined]
    assert spoken(house).gettext("首页") == "Front page"
