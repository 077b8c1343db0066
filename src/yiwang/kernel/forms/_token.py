"""What a register was shown to hold, as a page carries it back: sealed, so that it can be neither read nor made up."""

import base64
import binascii
import json
from datetime import datetime, timedelta

from yiwang.kernel.base.sealing import CannotUnseal, seal, unseal
from yiwang.kernel.forms.contracts import NotAForm

KEPT = timedelta(hours=24)
Held = dict[str, str]


def make(held: Held, *, at: datetime) -> str:
    text = json.dumps({**held, "at": at.isoformat()}, ensure_ascii=False)
    return base64.urlsafe_b64encode(seal(text.encode())).decode()


def read(token: str, *, at: datetime) -> Held:
    """Raises NotAForm for a token that is not ours or older than a day."""
    try:
        held: Held = json.loads(unseal(base64.urlsafe_b64decode(token)))
    except (CannotUnseal, binascii.Error, ValueError) as forged:
        raise _stale() from forged
    if datetime.fromisoformat(held.pop("at")) < at - KEPT:
        raise _stale()
    return held


def _stale() -> NotAForm:
    return NotAForm("这一页已经过期。", hint="请刷新表单后再提异议。")
