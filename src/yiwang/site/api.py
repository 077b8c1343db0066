"""The JSON API: one line per app, its own `api.router` behind it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja.errors import HttpError, ValidationError
from ninja.parser import Parser

from yiwang.command.boards.api import router as boards
from yiwang.data.catalogue.api import router as catalogue
from yiwang.data.entities.api import router as entities
from yiwang.data.ingest.api import router as ingest
from yiwang.data.places.api import router as places
from yiwang.data.quality.api import router as quality
from yiwang.data.registries.api import followers as registries_followers
from yiwang.data.registries.api import router as registries
from yiwang.data.scans.api import router as scans
from yiwang.data.standards.api import router as standards
from yiwang.data.transform.api import router as transform
from yiwang.governance.incidents.api import router as incidents
from yiwang.kernel.base.contracts import YiwangError
from yiwang.kernel.base.http import problem
from yiwang.kernel.base.shapes import Unreadable, misshapen, read_json
from yiwang.kernel.cases.api import desk as cases_desk
from yiwang.kernel.cases.api import flows
from yiwang.kernel.cases.api import router as cases
from yiwang.kernel.ledger.api import router as ledger
from yiwang.kernel.rules.api import desk as rules_desk
from yiwang.office.supervision.api import cards as supervision_cards
from yiwang.office.supervision.api import recalculations
from yiwang.portal.citizen.api import data_use
from yiwang.services.applications.api import applicants as applications
from yiwang.services.applications.api import desk as applications_desk
from yiwang.services.applications.api import public as applications_public
from yiwang.services.applications.api import readers as applications_readers
from yiwang.services.feedback.api import applicants as feedback
from yiwang.services.feedback.api import desk as feedback_desk
from yiwang.services.feedback.api import public as ratings
from yiwang.services.hotline.api import desk as hotline_desk
from yiwang.services.hotline.api import lines as hotline_lines
from yiwang.services.hotline.api import public as open311
from yiwang.services.hotline.api import senders as open311_senders
from yiwang.services.journeys.api import applicants as journeys_applicants
from yiwang.services.journeys.api import public as journeys
from yiwang.services.journeys.api import readers as journeys_readers
from yiwang.services.matters.api import router as matters
from yiwang.services.verdicts.api import desk as verdicts_desk
from yiwang.services.verdicts.api import readers as verdicts
from yiwang.site.description import DescribedApi
from yiwang.support.codes.api import own as codes_own
from yiwang.support.codes.api import router as codes
from yiwang.support.connectors.api import desk as connectors_desk
from yiwang.support.connectors.api import router as connectors
from yiwang.support.credit.api import own as credit_own
from yiwang.support.credit.api import public as credit_public
from yiwang.support.credit.api import router as credit
from yiwang.support.delivery.api import desk as delivery_desk
from yiwang.support.delivery.api import router as delivery
from yiwang.support.licences.api import copies as licences_copies
from yiwang.support.licences.api import desk as licences_desk
from yiwang.support.licences.api import holders as licences_holders
from yiwang.support.licences.api import public as licences_public
from yiwang.support.login.api import own_router as own_login
from yiwang.support.login.api import router as login
from yiwang.support.notify.api import machines as notify_machines
from yiwang.support.notify.api import router as notify
from yiwang.support.payments.api import callbacks as payments_callbacks
from yiwang.support.payments.api import desk as payments_desk
from yiwang.support.payments.api import public as payments_public
from yiwang.support.payments.api import router as payments


class StrictParser(Parser):
    """Reads bodies as `base.shapes.read_json` does."""

    def parse_body(self, request: HttpRequest) -> Any:
        return read_json(request.body)


api = DescribedApi(title="Yiwang 一网", version="1", urls_namespace="api", docs_url=None, parser=StrictParser())


@api.exception_handler(YiwangError)
def explain(request: HttpRequest, error: YiwangError) -> HttpResponse:
    """What the reader can understand and act on, as a problem document."""
    return problem(error, instance=request.path)


@api.exception_handler(ValidationError)
def explain_shape(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """What the route's description does not allow, place by place."""
    return problem(misshapen(error.errors), instance=request.path)


@api.exception_handler(HttpError)
def explain_unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    """What ninja could not read, such as a form without its boundary."""
    return problem(Unreadable("读不懂请求正文。", hint="请对照 /api/openapi.json 改正后再发。"), instance=request.path)


api.add_router("", connectors)
api.add_router("", connectors_desk)
api.add_router("board", boards)
api.add_router("", codes)
api.add_router("", codes_own)
api.add_router("cases", cases)
api.add_router("cases", cases_desk)
api.add_router("flows", flows)
api.add_router("desk/ratings", feedback_desk)
api.add_router("desk/cards", supervision_cards)
api.add_router("desk/recalculations", recalculations)
api.add_router("", credit)
api.add_router("", credit_own)
api.add_router("", credit_public)
api.add_router("", delivery)
api.add_router("", delivery_desk)
api.add_router("", notify)
api.add_router("", notify_machines)
api.add_router("", payments)
api.add_router("", payments_callbacks)
api.add_router("", payments_desk)
api.add_router("", payments_public)
api.add_router("places", places)
api.add_router("standards", standards)
api.add_router("catalogue", catalogue)
api.add_router("entities", entities)
api.add_router("ingest", ingest)
api.add_router("quality", quality)
api.add_router("registries", registries)
api.add_router("registries", registries_followers)
api.add_router("scans", scans)
api.add_router("transform", transform)
api.add_router("incidents", incidents)
api.add_router("ledger", ledger)
api.add_router("login", login)
api.add_router("login", own_login)
api.add_router("licences/verify", licences_public)
api.add_router("my/licences", licences_holders)
api.add_router("desk/licences", licences_desk)
api.add_router("licences/copies", licences_copies)
api.add_router("my/data-use", data_use)
api.add_router("journeys", journeys_readers)
api.add_router("journeys", journeys)
api.add_router("journeys", journeys_applicants)
api.add_router("matters", matters)
api.add_router("applications", applications)
api.add_router("applications", applications_readers)
api.add_router("applications", applications_public)
api.add_router("desk/applications", applications_desk)
api.add_router("applications", feedback)
api.add_router("ratings", ratings)
api.add_router("desk/hotline", hotline_desk)
api.add_router("hotline", hotline_lines)
api.add_router("open311/v2", open311)
api.add_router("open311/v2", open311_senders)
api.add_router("cases", verdicts)
api.add_router("desk/rules", rules_desk)
api.add_router("desk/verdicts", verdicts_desk)
