"""Every page of seals: what anyone fetches, and the desk's."""

from yiwang.support.seals._desk_pages import urlpatterns as desk
from yiwang.support.seals._public_pages import urlpatterns as public

urlpatterns = [*public, *desk]
