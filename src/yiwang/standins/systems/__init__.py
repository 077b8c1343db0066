"""Every system that can be played, in the order of their ports."""

from ..contracts import System
from . import cards, delivery, household, insurance, mail, sms, tax

SYSTEMS: tuple[System, ...] = (
    household.SYSTEM,
    insurance.SYSTEM,
    tax.SYSTEM,
    cards.SYSTEM,
    sms.SYSTEM,
    delivery.SYSTEM,
    mail.SYSTEM,
)
