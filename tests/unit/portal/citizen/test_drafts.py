"""What was begun and not filed is found again."""

from django.urls import reverse
from django.utils import timezone

from tests.families import Family
from yiwang.kernel.forms import actions as forms
from yiwang.portal.citizen._drafts import unfinished
from yiwang.services.journeys import queries as journeys


def test_a_one_thing_leads_back_to_its_form_and_what_nobody_can_file_is_left_out(family: Family) -> None:
    by, at, form = family.world.actor("mother"), timezone.now(), journeys.form(family.journey_id)
    forms.save_draft(form_id=form.id, key=family.region, answers={}, by=by, at=at)
    forms.save_draft(form_id="residence.permit", key="no-such-matter", answers={}, by=by, at=at)
    (found,) = unfinished(by, at=at)
    assert found.url == reverse("journey-fill", args=[family.journey_id, family.region])
    assert unfinished(family.world.actor("neighbour"), at=at) == []
