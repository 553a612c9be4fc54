"""Every page before an accessibility engine (axe-core), and the way through the page by keyboard alone."""

import pytest

pytestmark = pytest.mark.browser
PATHS = (
    "/",
    "/history",
    "/claims",
    "/record",
    "/rebalance",
    "/login",
    "/day/2023-12-29/signal/credit_level",
    "/nowhere",
)
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]


@pytest.fixture(scope="module")
def axe():
    """The engine's script, as its package carries it."""
    from axe_playwright_python.base import AXE_FILE_PATH

    return AXE_FILE_PATH.read_text(encoding="utf-8")


def violations(page, axe):
    """What the engine objects to: rule, help and the first place of each."""
    found = page.evaluate(
        "async ([source, tags]) => { (0, eval)(source);"
        " const result = await axe.run(document, {runOnly: {type: 'tag', values: tags}});"
        " return result.violations.map(v => `${v.id}: ${v.help} at ${v.nodes[0].target} ${v.nodes[0].failureSummary}`); }",
        [axe, TAGS],
    )
    return sorted(found)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_engine_has_nothing_to_object_to_on_any_page_or_answer(real_site, open_page, axe, scheme):
    address, _ = real_site
    page = open_page(address, color_scheme=scheme, bypass_csp=True)
    objections = {}
    for path in PATHS:
        page.goto(f"{address}{path}")
        objections[path] = violations(page, axe)

    page.goto(f"{address}/rebalance")
    page.fill("#text", "symbol,quantity,price\nIWM,1000,200\nSPY,2000,470\nQQQQZ,10,5\n")
    page.get_by_role("button", name="Work out the orders").click()
    assert page.get_by_role("heading", name="Trade, or do nothing").count() == 1
    objections["rebalance result"] = violations(page, axe)
    page.goto(address)
    page.fill("#who", "Ana Weber")
    page.fill("#weight", "45")
    page.get_by_role("button", name="Modify").click()
    assert page.get_by_role("heading", name="Is that what you mean?").count() == 1
    objections["confirmation"] = violations(page, axe)

    assert {path: found for path, found in objections.items() if found} == {}


def test_a_decision_can_be_made_by_keyboard_alone(real_site, open_page):
    address, desk = real_site
    page = open_page(address)

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "who":
            break
    page.keyboard.type("Ana Weber")
    page.keyboard.press("Tab")
    page.keyboard.type("by keyboard")
    page.keyboard.press("Tab")
    assert "Accept" in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    if page.get_by_role("heading", name="Is that what you mean?").count():
        page.get_by_role("button", name="Yes, write it down").focus()
        page.keyboard.press("Enter")
        page.wait_for_load_state()

    made = desk.ledger.decisions()[-1].payload
    assert (made["who"], made["note"], made["verdict"]) == ("Ana Weber", "by keyboard", "accept")
