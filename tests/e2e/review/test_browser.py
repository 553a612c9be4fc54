"""A person at the review page: reading, drilling down, rebalancing, deciding; on real runs, in a real browser."""

import datetime as dt
import re

import pytest

from captilt import sentences
from captilt.contract.run import read_run
from signals.calendars import cut, sessions_between
from tests.e2e.review.conftest import FIRST, desk_at, record, serving
from tests.e2e.sample_run import DAY

pytestmark = pytest.mark.browser


def answer(page, name, **fields):
    """Fill the form and press a button."""
    page.fill("#who", fields.get("who", "Ana Weber"))
    page.fill("#note", fields.get("note", ""))
    if "weight" in fields:
        page.fill("#weight", fields["weight"])
    page.get_by_role("button", name=re.compile(name)).click()
    page.wait_for_load_state()


def test_one_glance_says_stance_size_health_and_evidence(real_site, open_page):
    address, desk = real_site
    run = read_run(desk.ledger.run_of(DAY).payload)

    page = open_page(address)
    seen = page.locator(".hero").inner_text().replace("\xa0", " ")

    assert sentences.headline(run) in seen
    assert sentences.action(run) in seen
    assert sentences.health(run) in seen
    assert "no reliable edge" in seen.lower()
    assert f"{100 * run.recommendation.probability_outperform:.0f} %" in seen
    assert not page.faults


def test_what_changed_since_the_last_review_sums_to_the_total(real_site, open_page):
    address, desk = real_site
    then = desk.ledger.run_of(dt.date(2023, 8, 31)).payload["recommendation"]["active_weight_points"]
    now = desk.ledger.run_of(DAY).payload["recommendation"]["active_weight_points"]

    page = open_page(f"{address}/day/{DAY}")
    table = page.request.get(f"{address}/day/{DAY}/table/changes.json").json()

    assert "Since the last review" in page.locator(".hero").inner_text()
    assert sum(row["points"] for row in table["rows"]) == pytest.approx(now - then, abs=1e-9)
    assert sum(row["now"] for row in table["rows"]) == pytest.approx(now, abs=1e-9)


def test_a_signal_opens_in_place_and_closes_again(real_site, open_page):
    address, _ = real_site
    page = open_page(address)

    page.get_by_role("link", name="Credit level").first.click()
    opened = page.locator("#close-credit_level details")
    opened.get_by_text("Known since").wait_for()

    assert page.url == f"{address}/"
    assert page.evaluate("document.activeElement.textContent") == "Credit level"  # reading goes on from there
    opened.locator("summary").click()
    assert not opened.get_by_text("Known since").is_visible()
    assert page.evaluate(LABELS) == []
    assert not page.faults


def test_without_scripts_a_signal_is_a_page_and_leads_back(real_site, open_page):
    address, _ = real_site
    page = open_page(address, java_script_enabled=False)

    page.get_by_role("link", name="Credit level").first.click()
    page.wait_for_url("**/signal/credit_level")

    assert page.get_by_role("heading", level=1).inner_text() == "Credit level"
    page.get_by_role("link", name=re.compile("29 Dec 2023")).click()
    assert page.locator("#headline").is_visible()


def test_a_signal_can_be_opened_in_a_tab_of_its_own(real_site, open_page):
    address, _ = real_site
    page = open_page(address)

    with page.context.expect_page() as asked:
        page.get_by_role("link", name="Credit level").first.click(modifiers=["Control"])

    assert asked.value.url.endswith("/signal/credit_level")
    assert page.locator("#close-credit_level").inner_html() == ""


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_history_is_leafed_through_and_back(tmp_path, open_page, scripts):
    desk = desk_at(tmp_path, cut(FIRST))
    for day in sessions_between(dt.date(2023, 9, 1), DAY)[-60:]:
        record(desk, day.item())
    with serving(desk) as site:
        page = open_page(f"{site}/history", java_script_enabled=scripts)
        page.evaluate("window.stayed = true") if scripts else None
        newest = page.locator("#list tbody th").first.inner_text()

        page.get_by_role("link", name="Older").click()
        page.wait_for_url("**/history?before=*")
        page.get_by_role("link", name="Newest").wait_for()

        assert page.locator("#list tbody th").first.inner_text() != newest
        assert page.locator("#list tbody tr").count() == 20
        assert page.evaluate("window.stayed === true") if scripts else True
        page.go_back()
        page.wait_for_function(
            "words => document.querySelector('#list tbody th').innerText === words", arg=newest
        ) if scripts else None
        assert page.locator("#list tbody th").first.inner_text() == newest
        assert page.locator("h1").count() == 1
        assert not page.faults


def test_history_leads_to_any_recorded_day(real_site, open_page):
    address, _ = real_site
    page = open_page(f"{address}/history")

    page.fill("#day", "2023-09-20")  # not recorded: the day before it that is
    page.get_by_role("button", name="Show").click()

    page.wait_for_url("**/day/2023-09-14")
    assert "A past day" in page.inner_text("main")
    assert page.locator("form[action='/decide']").count() == 0


def test_holdings_become_orders_with_bad_rows_named(real_site, open_page, tmp_path):
    address, _ = real_site
    file = tmp_path / "book.csv"
    file.write_text("symbol,quantity,price\nIWM,1200,200.71\nSPY,2100,475.31\nCASH,25000,\nXYZ,-10,4\n")
    page = open_page(f"{address}/rebalance")

    page.set_input_files("#file", str(file))
    page.get_by_role("button", name="Work out the orders").click()
    page.wait_for_load_state()
    seen = page.inner_text("main").replace("\xa0", " ")

    assert "Sell IWM" in seen or "Buy IWM" in seen
    assert "Do nothing" in seen
    assert "short positions are not rebalanced here" in seen
    assert page.locator(".badrows tbody tr td").first.inner_text() == "5"
    assert not page.faults


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
@pytest.mark.parametrize(
    ("button", "verdict", "said"),
    [
        ("Accept", "accept", "Accepted at"),
        ("Modify", "modify", "Modified at 15.0"),
        ("Reject", "reject", "Rejected by"),
        ("Defer", "defer", "Deferred by"),
    ],
)
def test_a_decision_is_written_and_shown(real_site, open_page, scripts, button, verdict, said):
    address, desk = real_site
    page = open_page(address, java_script_enabled=scripts)

    answer(page, button, note="agreed on the phone", weight="15")
    if page.get_by_role("heading", name="Is that what you mean?").count():  # a decision before this one is replaced
        page.get_by_role("button", name="Yes, write it down").click()
        page.wait_for_load_state()

    made = desk.ledger.decisions()[-1].payload
    assert made["verdict"] == verdict
    assert made["who"] == "Ana Weber"
    assert made["by"] == "page"
    assert said in page.locator("#decision").inner_text().replace("\xa0", " ")
    assert "agreed on the phone" in page.locator("#decision").inner_text()


def test_a_page_that_grew_stale_cannot_approve_new_advice(site, desk, open_page):
    page = open_page(site)
    record(desk, dt.date(2024, 1, 2))

    answer(page, "Accept")

    assert "is not the newest" in page.inner_text("main")
    assert desk.ledger.decisions() == []


def test_a_colleague_s_answer_is_not_overruled_unseen(site, desk, open_page):
    mine, other = open_page(site), open_page(site)
    answer(other, "Reject", who="Ben Ito")

    answer(mine, "Accept")

    assert "Ben Ito answered reject meanwhile" in mine.inner_text("main")
    assert [entry.payload["verdict"] for entry in desk.ledger.decisions()] == ["reject"]


@pytest.mark.parametrize("width", [360, 390, 768, 1280, 1680])
@pytest.mark.parametrize("path", ["/", "/history", "/claims", "/rebalance", f"/day/{DAY}/signal/credit_level"])
def test_no_page_is_wider_than_its_screen(real_site, open_page, width, path):
    address, _ = real_site

    page = open_page(address + path, viewport={"width": width, "height": 900})

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert not page.faults


CONTRAST = """
() => {
  const value = (text) => text.match(/[\\d.]+/g).map(Number);
  const flat = (c) => { const s = c / 255; return s <= 0.03928 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4; };
  const light = ([r, g, b]) => 0.2126 * flat(r) + 0.7152 * flat(g) + 0.0722 * flat(b);
  const over = (top, under) => { const a = top.length > 3 ? top[3] : 1; return [0, 1, 2].map(i => a * top[i] + (1 - a) * under[i]); };
  const ground = (node) => {
    const chain = [];
    for (let n = node; n; n = n.parentElement) chain.unshift(value(getComputedStyle(n).backgroundColor));
    return chain.reduce((under, top) => over(top, under), [255, 255, 255]);
  };
  const bad = [];
  for (const node of document.querySelectorAll('body *')) {
    const own = [...node.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || node.closest('svg') || node.closest('.sr') || !node.getClientRects().length) continue;
    const style = getComputedStyle(node), under = ground(node), ink = over(value(style.color), under);
    const [a, b] = [light(ink), light(under)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05), large = parseFloat(style.fontSize) >= 24;
    if (ratio < (large ? 3 : 4.5)) bad.push([node.textContent.trim().slice(0, 40), ratio.toFixed(2)]);
  }
  return bad;
}
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/history", "/rebalance", "/claims", "/day/2023-09-14"])
def test_every_text_has_enough_contrast(real_site, open_page, scheme, path):
    address, _ = real_site

    page = open_page(address + path, color_scheme=scheme)

    assert page.evaluate(CONTRAST) == []


def test_dark_and_light_are_two_looks_of_one_page(real_site, open_page):
    address, _ = real_site
    ground = "getComputedStyle(document.body).backgroundColor"

    light, dark = (open_page(address, color_scheme=scheme).evaluate(ground) for scheme in ("light", "dark"))

    assert light == "rgb(250, 249, 246)"
    assert dark == "rgb(19, 23, 27)"


def test_the_whole_decision_can_be_made_from_the_keyboard(site, desk, open_page):
    page = open_page(site)

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.focus("#who")
    page.keyboard.type("Ana Weber")
    page.keyboard.press("Tab")
    page.keyboard.type("no mouse")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")

    assert desk.ledger.decisions()[-1].payload["note"] == "no mouse"


LABELS = """
() => [...document.querySelectorAll('input:not([type=hidden]), textarea, select')]
  .filter(n => !n.labels || !n.labels.length).map(n => n.name)
  .concat([...document.querySelectorAll('svg')].filter(n => n.getAttribute('aria-hidden') !== 'true' && !n.querySelector('title')).map(() => 'svg without title'))
  .concat([...document.querySelectorAll('table')].filter(n => !n.querySelector('thead th')).map(() => 'table without heads'))
  .concat([...document.querySelectorAll('[id]')].map(n => n.id).filter((id, place, all) => all.indexOf(id) !== place))
  .concat(document.querySelectorAll('h1').length === 1 ? [] : ['not one h1'])
  .concat(document.documentElement.lang ? [] : ['no language'])
"""


@pytest.mark.parametrize(
    "path", ["/", "/history", "/rebalance", "/claims", f"/day/{DAY}/signal/credit_level", "/login"]
)
def test_everything_has_a_name_for_a_screen_reader(real_site, open_page, path):
    address, _ = real_site

    page = open_page(address + path)

    assert page.evaluate(LABELS) == []
