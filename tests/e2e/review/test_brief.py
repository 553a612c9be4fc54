"""One page for people who read nothing longer, as HTML and as PDF."""

import re

import pytest

from captilt import sentences
from captilt.commands.report import report
from captilt.context import Common
from captilt.web.brief import brief_html, brief_of
from captilt.web.brief_pdf import brief_pdf
from captilt.web.report import shown_day
from signals.errors import UsageError
from tests.unit.captilt.review.test_tearsheet import ANSWER


@pytest.fixture
def view(desk):
    return shown_day(desk, None)[0]


def test_the_brief_says_what_the_page_says_and_needs_nothing_from_outside(view):
    page = re.sub(r"\s+", " ", brief_html(view).replace("\N{NO-BREAK SPACE}", " "))

    for sentence in (sentences.headline(view.run), sentences.view(view.run), sentences.action(view.run)):
        assert sentence in page
    assert "Risks" in page
    assert not re.search(r'(?:src|href)="(?!#|data:)', page)


def test_the_pdf_is_one_page_with_the_picture_and_the_same_bytes_twice(view):
    from dataclasses import replace

    plain = replace(brief_of(view), record=ANSWER)
    brief = replace(plain, financing="Small companies pay 7.1 % on their debt, large ones 4.2 %. " * 3)
    content = brief_pdf(brief)

    assert content.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type /Page\b(?!s)", content)) == 1
    assert b"/Subtype /Image" in content
    assert content == brief_pdf(brief)
    assert len(content) > len(brief_pdf(plain))  # the sentence on financing is on it


def test_only_the_brief_is_written_as_pdf(tmp_path):
    with pytest.raises(UsageError, match="only the brief"):
        report(out=tmp_path / "all.pdf", common=Common(home=tmp_path))
