"""How companies are financed, on the page: numbers where filings are held, a plain sentence where they are not."""

from captilt.review.study_store import Cabinet, Study
from captilt.studies.prepare import STUDIES
from captilt.web.brief import brief_html
from captilt.web.report import shown_day
from signals.asof import AsOf
from signals.calendars import cut
from tests.e2e.sample_run import DAY
from tests.support.financing_facts import view


def keep(desk, world):
    result, charts = STUDIES["financing"](desk, world)
    Cabinet(desk.home).keep(Study("financing", DAY.isoformat(), result, charts))


def test_the_section_shows_both_groups_with_gap_interval_and_coverage(desk, web):
    keep(desk, view(DAY))

    page = web.get("/").text
    table = web.get(f"/day/{DAY}/table/financing.csv").text.splitlines()

    section = page.split('id="financing"')[1].split("</section>")[0]
    assert "net debt over EBITDA, median" in section
    assert "60 <small>100" in section
    assert "Interest bill: a policy rate 100 bp lower saves small companies" in section
    assert "Debt and interest of small and large companies" in section
    assert "36 % debt of small companies at floating rates" not in section, "it was published later"
    assert "3.5 times Russell 2000 without financials" in section
    assert table[0].startswith("measure,title,unit,small_value,small_standard_error")
    assert len(table) == 11


def test_without_filings_the_section_says_what_to_do(desk, web):
    keep(desk, AsOf(cut(DAY), {}))

    section = web.get("/").text.split('id="financing"')[1].split("</section>")[0]

    assert "The panel of company filings waits for your first <code>captilt filings fetch</code>." in section


def test_the_brief_has_it_in_two_sentences(desk):
    keep(desk, view(DAY))

    page = brief_html(shown_day(desk, None)[0]).replace("\N{NO-BREAK SPACE}", " ")

    assert "Small companies against large ones, from filings: net debt 3.2 against 1.2 times EBITDA" in page
