"""Articles are Markdown with a head; nothing in them can become a script."""

import pytest

from practice.site.articles import articles, read_article

HEAD = "---\ntitle: On trust\nsummary: Short.\nminutes: 3\n---\n"


def test_the_article_on_repairing_trust_is_there_and_names_the_six_steps() -> None:
    article = articles()["repairing-trust"]
    for step in (
        "Name where trust broke",
        "Talk openly",
        "Take ownership",
        "Listen with empathy",
        "Apologise",
        "change",
    ):
        assert step in article.body
    assert article.body.count("<ol>") == 1
    assert "!" not in article.body


def test_raw_html_in_an_article_stays_text() -> None:
    article = read_article("x", HEAD + "Before <script>alert(1)</script> [bad](javascript:alert(1))")
    assert "<script" not in article.body
    assert 'href="javascript' not in article.body


def test_an_article_has_a_title_a_summary_and_a_reading_time() -> None:
    article = read_article("x", HEAD + "Text")
    assert (article.slug, article.title, article.summary, article.minutes) == ("x", "On trust", "Short.", 3)


@pytest.mark.parametrize("source", ["", "Text", "---\ntitle: Alone\n---\nText", "x" + HEAD])
def test_an_article_without_a_whole_head_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match="needs a head"):
        read_article("x", source)
