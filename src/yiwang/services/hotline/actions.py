"""Everything that changes a ticket; each leads through its case and is re-exported from its own module."""

from yiwang.services.hotline._importing import import_files as import_files
from yiwang.services.hotline._learning import of_tickets as of_tickets
from yiwang.services.hotline._learning import train as train
from yiwang.services.hotline._questions import choose_question as choose_question
from yiwang.services.hotline._questions import drop_question as drop_question
from yiwang.services.hotline._receiving import add_photo as add_photo
from yiwang.services.hotline._receiving import receive as receive
from yiwang.services.hotline._receiving import write as write
from yiwang.services.hotline._taking import MANY_MAX as MANY_MAX
from yiwang.services.hotline._taking import TAKE as TAKE
from yiwang.services.hotline._taking import take as take
from yiwang.services.hotline._taking import take_many as take_many
from yiwang.services.hotline._topics import find_topics as find_topics
from yiwang.services.hotline._work import answer_at_once as answer_at_once
from yiwang.services.hotline._work import ask_help as ask_help
from yiwang.services.hotline._work import ask_screening as ask_screening
from yiwang.services.hotline._work import contact as contact
from yiwang.services.hotline._work import decide_screening as decide_screening
from yiwang.services.hotline._work import decline as decline
from yiwang.services.hotline._work import dispatch as dispatch
from yiwang.services.hotline._work import rate as rate
from yiwang.services.hotline._work import reveal as reveal
from yiwang.services.hotline._work import show_caller as show_caller
