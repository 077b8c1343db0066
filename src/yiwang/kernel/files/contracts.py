"""What crosses the boundary of files: a reference, and why a file was not taken."""

from dataclasses import dataclass

from yiwang.kernel.base.contracts import Invalid, NotFound, TooMany, Unavailable

SIZE_BYTES_MAX = 20 * 1024 * 1024
# The purpose of a file whose content is gone for good.
ERASED = "erased"
# What a file input may offer; the server looks at the content, not at this.
ACCEPT = ".jpg,.jpeg,.png,.pdf,.docx,.ofd"


@dataclass(frozen=True, slots=True)
class FileRef:
    """A stored file; the same content stored twice has two references and one place on disk."""

    id: int
    sha256: str
    media_type: str
    size_bytes: int
    filename: str
    owner_party_id: int | None = None

    @property
    def is_image(self) -> bool:
        return self.media_type.startswith("image/")


class NoSuchFile(NotFound):
    code = "files.no-such-file"


class BadFile(Invalid):
    """Content that is not taken: wrong type, broken, dangerous, empty or too large."""

    code = "files.bad-file"


class ScannerAway(Unavailable):
    """A scanner is set and gave no clear answer: what nobody looked at is not kept."""

    code = "files.scanner-away"


class TooManyFiles(TooMany):
    code = "files.too-many"
