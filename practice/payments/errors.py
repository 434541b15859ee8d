"""What can keep somebody from paying for now, beside what the payment service says."""

from __future__ import annotations

from practice.errors import Conflict
from practice.languages import N_


class OtherWords(Conflict):
    """What was ticked stood there in other words: in another language, or as they were worded before."""

    title = N_("You ticked this in other words")
    way_out = N_(
        "What is asked is the same, in another language or worded anew. Please read it below, and tick it again. "
        "Nothing was agreed, and nothing was charged."
    )
