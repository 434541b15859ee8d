"""What an address narrows the list of requests to: choices alone, and no risk for those who may read none."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from practice.review.narrowing import (
    AGES,
    ATTENDING,
    BANDS,
    NAMES,
    STATES,
    Narrowing,
    read_narrowing,
    read_page,
    shipped_views,
    sorts_for,
)

said = st.dictionaries(
    st.sampled_from([*sorted(NAMES), "page", "clinical", "x"]),
    st.one_of(
        st.text("aZ9'%-<é١ ", max_size=30),
        st.sampled_from([*STATES, *BANDS, *AGES, *ATTENDING, "mine", "nobody", "7", "yes", "risk", "US-NY"]),
    ),
)


@given(said, st.booleans())
def test_whatever_an_address_says_becomes_choices_that_say_the_same_again(address, clinical):
    found = read_narrowing(address, clinical=clinical)

    assert read_narrowing(found.as_query(), clinical=clinical) == found
    assert found.as_query()
    assert found.state in STATES
    assert found.sort in sorts_for(clinical=clinical)
    assert all(len(value) <= 30 for value in found.as_query().values())
    assert read_page(address) >= 1


@given(said)
def test_who_reads_no_risk_narrows_by_none(address):
    query = read_narrowing(address, clinical=False).as_query()

    assert not {"band", "unread"} & query.keys()
    assert query.get("sort") != "risk"


def test_the_shipped_views_of_a_coordinator_name_no_risk():
    every, logistics = shipped_views(clinical=True), shipped_views(clinical=False)

    assert set(every) - set(logistics) == {"Red and unread"}
    assert every["Red and unread"] == Narrowing(band="red", unread="yes", sort="risk")
