"""What cannot be done with licences; other apps know these from contracts."""

from yiwang.kernel.base.contracts import Conflict, Denied, Invalid, NotFound, TooMany


class LicenceNotFound(NotFound):
    code = "licences.not-found"


class NotYourOwn(Denied):
    """Somebody acts for another person, whose licences stay with that person."""

    code = "licences.not-your-own"


class StaysPaper(Conflict):
    """This type is issued on paper only."""

    code = "licences.stays-paper"


class NoTypeCode(Conflict):
    """The place has not said under which type code it issues."""

    code = "licences.no-type-code"


class CannotChange(Conflict):
    """The licence's standing does not allow this."""

    code = "licences.cannot-change"


class CannotRenew(Conflict):
    """This type is not renewed, or not yet, or no longer."""

    code = "licences.cannot-renew"


class CannotTransfer(Conflict):
    """The law does not let this type pass to another holder, or the licence does not stand so."""

    code = "licences.cannot-transfer"


class NoCopy(Conflict):
    """There is no sealed copy of this: out of force, or its issuer has no seal."""

    code = "licences.no-copy"


class CannotAsk(Invalid):
    """A copy is asked for without a purpose, for too long, or on a ground that the place's policy does not know."""

    code = "licences.cannot-ask"


class CannotAnswer(Conflict):
    """This copy waits for no answer of its holder."""

    code = "licences.cannot-answer"


class CopyNotGiven(Denied):
    """The holder has not given leave, or no longer, or its day is over."""

    code = "licences.copy-not-given"


class BadBatch(Invalid):
    """A file that cannot be read as lines of holders of this type."""

    code = "licences.bad-batch"


class BatchNotFound(NotFound):
    code = "licences.batch-not-found"


class CannotProve(Conflict):
    """The registries do not say what this proof would say, or nobody signs it there."""

    code = "licences.cannot-prove"


class WrongFields(Invalid):
    code = "licences.wrong-fields"


class GroundsNeeded(Invalid):
    code = "licences.grounds-needed"


class TooManyLookups(TooMany):
    code = "licences.too-many-lookups"
