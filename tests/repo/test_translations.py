"""Every Chinese sentence that a citizen's page may show has English, and nothing is translated that is no longer said."""

import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

from yiwang.site import messages, paths

SOURCE = paths.ROOT / "src" / "yiwang"
# An app joins when its English is written; every app with citizens' pages must.
WRITTEN = (
    "kernel/design",
    "kernel/forms",
    "portal/citizen",
    "services/applications",
    "services/journeys",
    "services/matters",
    "services/verdicts",
    "support/codes",
    "support/credit",
)
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# `templatize` turns a template's tags into calls of gettext's family.
CALL = re.compile(
    r"""\b(?:gettext|gettext_lazy|gettext_noop|_|p?n?pgettext|ngettext)\(\s*(?:u?['"](?:灯)['"],\s*)?u?(['"])(.+?)\1\s*[,)]""",
    re.S,
)


def _said() -> Iterator[tuple[Path, str]]:
    for template in SOURCE.rglob("templates/**/*.html"):
        code = templatize(template.read_text(encoding="utf-8"), origin=str(template))
        yield from ((template, found[2]) for found in CALL.finditer(code))
    for module in SOURCE.rglob("*.py"):
        if "gettext" in (code := module.read_text(encoding="utf-8")):
            yield from ((module, found[2]) for found in CALL.finditer(code))


def _english() -> set[str]:
    known = set()
    for source in messages.sources_of("en"):
        with open(source, "rb") as stream:
            for message in read_po(stream, locale="en"):
                if message.id and message.string and all(message.string if isinstance(message.string, tuple) else (1,)):
                    known.add(message.id[0] if isinstance(message.id, tuple) else message.id)
    return known


def test_every_sentence_has_english() -> None:
    known = _english()
    said = [(where.relative_to(SOURCE), text) for where, text in _said()]
    missing = sorted(
        {
            f"{where}: {text}"
            for where, text in said
            if str(where).startswith(WRITTEN) and CHINESE.search(text) and text not in known
        }
    )
    assert not missing, "add English in the app's locale/en/LC_MESSAGES/django.po:\n" + "\n".join(missing)


def test_english_keeps_the_placeholders() -> None:
    for source in messages.sources_of("en"):
        with open(source, "rb") as stream:
            for message in read_po(stream, locale="en"):
                ids = message.id if isinstance(message.id, tuple) else (message.id,)
                strings = message.string if isinstance(message.string, tuple) else (message.string,)
                wanted = set(re.findall(r"%\(\w+\)[ds]", ids[0]))
                assert all(set(re.findall(r"%\(\w+\)[ds]", text)) <= wanted for text in strings), message.id
