"""What can go wrong with a case."""

from yiwang.kernel.base.contracts import Conflict, Denied, Invalid, NotFound, TooMany, Unavailable


class NoSuchCase(NotFound):
    code = "cases.no-such-case"


def missing() -> NoSuchCase:
    """What everybody is told who names a case that is not there."""
    return NoSuchCase("没有这个办件。", hint="请核对办件编号。")


class NoSuchTask(NotFound):
    code = "cases.no-such-task"


class CannotAdvance(Conflict):
    code = "cases.cannot-advance"


class HandledByOther(Conflict):
    """The case has moved on since the page was opened."""

    code = "cases.handled-by-other"


class NotYourStep(Denied):
    code = "cases.not-your-step"


class SameHolder(Denied):
    """Whoever handled an earlier step may not take this one (承办人 ≠ 决定人)."""

    code = "cases.same-holder"


class NotYourCase(Denied):
    code = "cases.not-your-case"


class CannotSign(Conflict):
    code = "cases.cannot-sign"


class CannotHandOver(Conflict):
    code = "cases.cannot-hand-over"


class CannotPause(Conflict):
    code = "cases.cannot-pause"


class CannotResume(Conflict):
    code = "cases.cannot-resume"


class CannotExtend(Conflict):
    code = "cases.cannot-extend"


class CannotWithdraw(Conflict):
    code = "cases.cannot-withdraw"


class CannotTerminate(Conflict):
    code = "cases.cannot-terminate"


class CannotRecall(Conflict):
    code = "cases.cannot-recall"


class CannotReturn(Conflict):
    code = "cases.cannot-return"


class CannotReopen(Conflict):
    code = "cases.cannot-reopen"


class CannotCorrect(Conflict):
    code = "cases.cannot-correct"


class CannotUrge(Conflict):
    code = "cases.cannot-urge"


class UrgedTooOften(TooMany):
    code = "cases.urged-too-often"


class GroundsMissing(Invalid):
    code = "cases.grounds-missing"


class TextMissing(Invalid):
    code = "cases.text-missing"


class BadPlan(Invalid):
    """A plan whose parts cannot be put in order."""

    code = "cases.bad-plan"


class NoSuchMessage(NotFound):
    """A report of an outside system about something it was never asked."""

    code = "cases.no-such-reference"


class NotInstalled(Unavailable):
    """A function that a flow names is not there."""

    code = "cases.not-installed"


class NoSuchRedating(NotFound):
    code = "cases.no-such-redating"


class NothingToResume(Conflict):
    """No recomputation was broken off."""

    code = "cases.nothing-to-resume"
