"""What of a request fits on one page: all of it in a type that holds it, or what does with a word about the rest."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from practice.review.fitting import TYPES, Piece, fit
from practice.review.repair_steps import DRAWN, LEGEND, Mark, mark_of

pieces = st.lists(
    st.builds(Piece, st.text("ab \n", min_size=1, max_size=120), st.text("ab \n", max_size=600)),
    max_size=60,
    unique=True,
)


@given(pieces)
def test_nothing_is_left_out_unsaid_and_the_order_stays(given_pieces):
    found = fit(given_pieces)
    whole = [one for one in found.pieces if one in given_pieces]

    assert found.type in {size.name for size in TYPES}
    assert found.left == len(given_pieces) - len(whole)
    assert whole == given_pieces[: len(whole)]
    assert len(found.pieces) - len(whole) <= 1


def test_a_short_request_is_printed_large_and_a_longer_one_smaller():
    def printed(letters):
        return fit([Piece(f"Question {number}", "x" * letters) for number in range(30)])

    assert (printed(40).type, printed(40).left) == ("large", 0)
    assert (printed(160).type, printed(160).left) == ("small", 0)
    assert printed(400).left > 0


def test_a_long_answer_is_begun_and_cut_where_the_page_ends():
    found = fit([Piece("Story", "word " * 3000)])

    assert found.left == 1
    assert found.pieces[0].words.endswith("word …")


def test_each_answer_to_a_step_is_a_dot_that_the_legend_explains():
    assert set(LEGEND) == set(Mark)
    assert [mark_of(code) for code in ("0", "1", "2", "3", "4")] == list(DRAWN.values())
    assert {mark_of(code) for code in ("not_sure", "no_fit", "", "5")} == {Mark.UNKNOWN}
