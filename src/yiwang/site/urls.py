"""Every address: one line per app, its own `pages.urlpatterns` behind it."""

from django.urls import URLPattern, URLResolver, include, path

from yiwang.command.boards import pages as boards
from yiwang.data.catalogue import pages as catalogue
from yiwang.data.entities import pages as entities
from yiwang.data.ingest import pages as ingest
from yiwang.data.quality import pages as quality
from yiwang.data.registries import pages as registries
from yiwang.data.scans import pages as scans
from yiwang.data.standards import pages as standards
from yiwang.data.transform import pages as transform
from yiwang.governance.incidents import pages as incidents
from yiwang.kernel.design import pages as design
from yiwang.kernel.forms import pages as forms
from yiwang.kernel.rules import pages as rules
from yiwang.office.supervision import pages as supervision
from yiwang.portal.citizen import pages as citizen
from yiwang.portal.staff import pages as staff
from yiwang.services.applications import pages as applications
from yiwang.services.feedback import pages as feedback
from yiwang.services.hotline import pages as hotline
from yiwang.services.journeys import pages as journeys
from yiwang.services.matters import pages as matters
from yiwang.services.verdicts import pages as verdicts
from yiwang.site import pages
from yiwang.site.api import api
from yiwang.site.shelves import shelved
from yiwang.support.codes import pages as codes
from yiwang.support.connectors import pages as connectors
from yiwang.support.credit import pages as credit
from yiwang.support.delivery import pages as delivery
from yiwang.support.licences import pages as licences
from yiwang.support.login import pages as login
from yiwang.support.notify import pages as notify
from yiwang.support.oidc import pages as oidc
from yiwang.support.payments import pages as payments
from yiwang.support.seals import pages as seals

_routes, _app, _namespace = api.urls
_all: list[URLPattern | URLResolver] = [
    shelved("api/", _routes, app_name=_app, namespace=_namespace),
    path("", include(design.urlpatterns)),
    path("", include(forms.urlpatterns)),
    path("", include(rules.urlpatterns)),
    path("", include(entities.urlpatterns)),
    path("", include(quality.urlpatterns)),
    path("", include(registries.urlpatterns)),
    path("", include(feedback.urlpatterns)),
    path("", include(hotline.urlpatterns)),
    path("", include(journeys.urlpatterns)),
    path("", include(matters.urlpatterns)),
    path("", include(verdicts.urlpatterns)),
    path("", include(codes.urlpatterns)),
    path("", include(connectors.urlpatterns)),
    path("", include(credit.urlpatterns)),
    path("", include(delivery.urlpatterns)),
    path("", include(login.urlpatterns)),
    path("", include(licences.urlpatterns)),
    path("", include(applications.urlpatterns)),
    path("", include(boards.urlpatterns)),
    path("", include(catalogue.urlpatterns)),
    path("", include(citizen.urlpatterns)),
    path("", include(incidents.urlpatterns)),
    path("", include(ingest.urlpatterns)),
    path("", include(scans.urlpatterns)),
    path("", include(staff.urlpatterns)),
    path("", include(standards.urlpatterns)),
    path("", include(supervision.urlpatterns)),
    path("", include(transform.urlpatterns)),
    path("", include(notify.urlpatterns)),
    path("", include(oidc.urlpatterns)),
    path("", include(payments.urlpatterns)),
    path("", include(seals.urlpatterns)),
    path("healthz", pages.health, name="health"),
    path("readyz", pages.ready, name="ready"),
    path("metrics", pages.figures, name="metrics"),
]
urlpatterns = [shelved("", _all)]

handler500 = "yiwang.kernel.design.middleware.failed"
