"""The links in letters: looking at one changes nothing, a mail program may end letters by itself."""

import pytest
from django.test import Client

from tests.world import AT, World
from yiwang.support.connectors.models import Push
from yiwang.support.notify import _mail, actions
from yiwang.support.notify.models import Preference

pytestmark = pytest.mark.django_db


def test_an_address_is_confirmed_by_a_post_alone(world: World) -> None:
    from django.utils import timezone

    actions.give_email(
        email="mother@mail.example", site="https://place.example", by=world.actor("mother"), at=timezone.now()
    )
    path = "/messages/email/" + Push.objects.get().content["text"].split("/messages/email/")[1].split()[0]
    stranger = Client()
    assert "确认这个邮箱" in stranger.get(path).content.decode()
    assert Preference.objects.get().confirmed_at is None
    assert "邮箱已确认" in stranger.post(path).content.decode()
    assert Preference.objects.get().confirmed_at is not None
    assert "已经用过" in stranger.post(path).content.decode()


def test_a_mail_program_ends_letters_with_one_click(world: World) -> None:
    Preference.objects.create(party_id=world.mother.id, changed_at=AT)
    path = f"/messages/stop/{_mail.stop_token(world.mother.id, 'news')}"
    program = Client(enforce_csrf_checks=True)
    assert program.get(path).status_code == 200
    assert Preference.objects.get().off == []
    assert program.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert program.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert Preference.objects.get().off == ["news:email"]
    assert "这个链接不对" in program.post(path + "x").content.decode()
