"""Every page of codes: for holders, for everybody, for staff."""

from yiwang.support.codes._desk_pages import urlpatterns as desk
from yiwang.support.codes._own_pages import urlpatterns as own
from yiwang.support.codes._public_pages import urlpatterns as public

urlpatterns = [*own, *public, *desk]
