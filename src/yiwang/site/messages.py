"""Translations: every .po file of the house and its apps, compiled into var/locale without gettext's programs."""

from collections.abc import Iterable
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from yiwang.site import paths

LANGUAGES = ("en",)


def compile_all() -> None:
    """Compile the languages whose sources are newer than what was compiled."""
    for language in LANGUAGES:
        sources = sorted(sources_of(language))
        target = paths.HOME / "locale" / language / "LC_MESSAGES" / "django.mo"
        if sources and _is_older(target, sources):
            _compile(language, sources, target)


def sources_of(language: str) -> Iterable[Path]:
    """The .po files of a language: the house's and each app's own."""
    place = f"locale/{language}/LC_MESSAGES/django.po"
    return [*paths.ROOT.glob(place), *(paths.ROOT / "src" / "yiwang").glob(f"**/{place}")]


def _is_older(target: Path, sources: list[Path]) -> bool:
    return not target.exists() or any(source.stat().st_mtime >= target.stat().st_mtime for source in sources)


def _compile(language: str, sources: list[Path], target: Path) -> None:
    whole = Catalog(locale=language, charset="utf-8")
    for source in sources:
        with open(source, "rb") as stream:
            for message in read_po(stream, locale=language):
                if message.id and message.string:
                    whole.add(message.id, message.string, context=message.context)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_suffix(".new")
    with open(draft, "wb") as stream:
        write_mo(stream, whole)
    draft.replace(target)
