"""Every page of seals: what anyone fetches."""

from yiwang.support.seals._public_pages import urlpatterns as public

urlpatterns = [*public]
