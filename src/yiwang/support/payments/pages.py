"""Every page of payments: for payers, for whoever checks a receipt, for staff."""

from yiwang.support.payments._desk_pages import urlpatterns as desk
from yiwang.support.payments._payer_pages import urlpatterns as payers

urlpatterns = [*payers, *desk]
