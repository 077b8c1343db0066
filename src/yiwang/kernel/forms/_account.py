"""What an account says of its own holder: offered to a form, never laid over an answer."""

from collections.abc import Mapping
from datetime import datetime

from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.forms.contracts import Fact, Subject, register_fact_source
from yiwang.kernel.packs.contracts import Text
from yiwang.kernel.people import queries as people
from yiwang.kernel.people.contracts import PartyKind
from yiwang.kernel.workdays import queries as workdays

NAME = "account"
PHONES = {PartyKind.PERSON: "person.phone", PartyKind.FIRM: "firm.phone"}


class AccountFacts:
    """The telephone of whom the actor acts for; of nobody else, whoever the form is about."""

    def facts(
        self,
        subject: Subject,
        elements: set[str],
        *,
        purpose: str,
        case_number: str | None,
        by: Actor,
        at: datetime,
    ) -> Mapping[str, Fact]:
        if by.acting_for is None:
            return {}
        party = people.party(by.acting_for)
        element = PHONES[party.kind]
        if element not in elements or not party.phone or party.id_number != subject.id_number:
            return {}
        return {element: Fact(party.phone, NAME, workdays.legal_day(at))}


def register() -> None:
    register_fact_source(NAME, PHONES.values(), AccountFacts(), title=Text("您的账号", "your account"))
