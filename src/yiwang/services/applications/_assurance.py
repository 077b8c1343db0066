"""What a filing is told that wants a surer proof of who sits there. No Django."""

from yiwang.kernel.base.contracts import Denied


class AssuranceNeeded(Denied):
    """The matter asks for a surer proof of who sits there than this sitting has; `level` says which."""

    code = "applications.assurance-needed"

    def __init__(self, message: str, *, hint: str, level: int) -> None:
        super().__init__(message, hint=hint)
        self.level = level
