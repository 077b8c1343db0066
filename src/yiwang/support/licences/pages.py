"""Every page of licences: for anyone who verifies, for holders, for clerks."""

from yiwang.support.licences._batch_pages import urlpatterns as batches
from yiwang.support.licences._desk_pages import urlpatterns as desk
from yiwang.support.licences._holder_pages import urlpatterns as holders
from yiwang.support.licences._proof_pages import urlpatterns as proofs
from yiwang.support.licences._public_pages import urlpatterns as public
from yiwang.support.licences._purpose_pages import urlpatterns as purposes

urlpatterns = [*public, *holders, *desk, *purposes, *batches, *proofs]
