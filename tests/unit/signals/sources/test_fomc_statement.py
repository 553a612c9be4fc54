"""The target range in the words of every kind of FOMC statement since 1994 (texts are public domain)."""

import pytest

from signals.sources.fomc_statement import TargetRange, plain_text, target_range

FORMS = {
    "1995-07-06": (
        ("decided to decrease slightly the degree of pressure on reserve positions. Today's action will be reflected in a"
        " 25 basis point decline in the federal funds rate from about 6 percent to about 5-3/4 percent."),
        (5.75, 5.75),
    ),
    "1996-01-31": (
        ("the Board approved a reduction in the discount rate from 5-1/4 percent to 5 percent. This is expected to result"
        " in a reduction in the federal funds rate of 25 basis points, from about 5-1/2 percent to about 5-1/4 percent."),
        (5.25, 5.25),
    ),
    "1997-03-25": (
        ("decided today to tighten money market conditions slightly, expecting the federal funds rate to rise"
        " 1/4 percentage point to around 5-1/2 percent."),
        (5.5, 5.5),
    ),
    "1998-10-15": (
        ("The Board of Governors approved a reduction in the discount rate by 25 basis points from 5 percent to 4-3/4"
        " percent. The federal funds rate is expected to fall 25 basis points from around 5-1/4 percent to around"
        " 5 percent."),
        (5.0, 5.0),
    ),
    "1999-06-30": (
        "today voted to raise its target for the federal funds rate 25 basis points to 5 percent.",
        (5.0, 5.0),
    ),
    "1999-08-24": (
        ("voted to raise its target for the federal funds rate by 25 basis points to 5-1/4 percent. In a related action,"
        " the Board of Governors approved a 25 basis point increase in the discount rate to 4-3/4 percent."),
        (5.25, 5.25),
    ),
    "2002-05-07": (
        "decided today to keep its target for the federal funds rate unchanged at 1-3/4 percent.",
        (1.75, 1.75),
    ),
    "2007-09-18": (
        "decided today to lower its target for the federal funds rate 50 basis points to 4-3/4 percent.",
        (4.75, 4.75),
    ),
    "2008-12-16": (
        "decided today to establish a target range for the federal funds rate of 0 to 1/4 percent.",
        (0.0, 0.25),
    ),
    "2010-03-16": (
        ("The Committee will maintain the target range for the federal funds rate at 0 to 1/4 percent and continues to"
        " anticipate that economic conditions warrant exceptionally low levels of the federal funds rate."),
        (0.0, 0.25),
    ),
    "2012-12-12": (
        ("decided to keep the target range for the federal funds rate at 0 to 1/4 percent and currently anticipates that"
        " this exceptionally low range will be appropriate at least as long as the unemployment rate remains above"
        " 6-1/2 percent, inflation is projected to be no more than a half percentage point above the Committee's"
        " 2 percent longer-run goal"),
        (0.0, 0.25),
    ),
    "2014-10-29": (
        ("the Committee today reaffirmed its view that the current 0 to 1/4 percent target range for the federal funds"
        " rate remains appropriate."),
        (0.0, 0.25),
    ),
    "2015-12-16": ("decided to raise the target range for the federal funds rate to 1/4 to 1/2 percent.", (0.25, 0.5)),
    "2017-06-14": (
        "decided to raise the target range for the federal funds rate to 1 to 1\u20111/4 percent.",
        (1.0, 1.25),
    ),
    "2020-03-03": (
        ("decided today to lower the target range for the federal funds rate by 1/2 percentage point, to 1 to 1\u20111/4"
        " percent."),
        (1.0, 1.25),
    ),
    "2022-06-15": (
        ("decided to raise the target range for the federal funds rate to 1-1/2 to 1-3/4 percent and anticipates that"
        " ongoing increases in the target range will be appropriate. Voting for the monetary policy action were Jerome"
        " H. Powell, Chair. Voting against this action was Esther L. George, who preferred at this meeting to raise the"
        " target range for the federal funds rate by 0.5 percentage point to 1-1/4 percent to 1-1/2 percent."),
        (1.5, 1.75),
    ),
    "2024-09-18": (
        ("decided to lower the target range for the federal funds rate by 1/2 percentage point to 4-3/4 to 5 percent."
        " Voting against this action was Michelle W. Bowman, who preferred to lower the target range for the federal"
        " funds rate by 1/4 percentage point at this meeting."),
        (4.75, 5.0),
    ),
    "2026-09-16": (
        "decided to raise the target range for the federal funds rate by 1/4 percentage point to 3-3/4 to 4 percent.",
        (3.75, 4.0),
    ),
    "an implementation note": (
        ("Undertake open market operations as necessary to maintain the federal funds rate in a target range of 3-3/4 to"
        " 4 percent."),
        (3.75, 4.0),
    ),
    "decimals": ("decided to maintain the target range for the federal funds rate at 3.75 to 4.00 percent.", (3.75, 4)),
    "fraction signs": ("the target range for the federal funds rate at 3\u00bd to 3\u00be percent", (3.5, 3.75)),
    "a fraction slash": ("the target range for the federal funds rate to 4 to 4 1\u20444 percent", (4, 4.25)),
}  # fmt: skip
WITHOUT = {
    "1994-02-04": "decided to increase slightly the degree of pressure on reserve positions. The action is expected to be"
    " associated with a small increase in short-term money market interest rates.",
    "2007-08-17": "approved a 50 basis point reduction in the primary credit rate to 5-3/4 percent, to narrow the spread"
    " between the primary credit rate and the Federal Open Market Committee's target federal funds rate to 50 basis"
    " points.",
    "2008-03-16": "a decrease in the primary credit rate from 3-1/2 percent to 3-1/4 percent, effective immediately. This"
    " step lowers the spread of the primary credit rate over the Committee's target federal funds rate to 1/4"
    " percentage point.",
    "2020-03-23": "The Federal Open Market Committee will purchase Treasury securities in the amounts needed.",
    "a goal": "inflation at the rate of 2 percent over the longer run",
}


@pytest.mark.parametrize("day", FORMS)
def test_every_historical_form_is_read(day: str) -> None:
    words, (low, high) = FORMS[day]

    assert target_range(words) == TargetRange(low, high)


@pytest.mark.parametrize("day", WITHOUT)
def test_a_statement_without_a_target_names_none(day: str) -> None:
    assert target_range(WITHOUT[day]) is None


def test_a_page_is_read_like_its_text() -> None:
    page = (
        "<!DOCTYPE html><html><head><title>Federal Reserve issues FOMC statement</title><script>var a = '1 to 2';</script>"
        "</head><body><div id='article'><p class='article__time'>June 15, 2022</p><p>the Committee decided to raise the"
        " <em>target&nbsp;range</em> for the\r\n federal funds rate to 1&#8209;1/2 to 1&frac34; percent.</p></div></body></html>"
    )

    assert target_range(page) == TargetRange(1.5, 1.75)


def test_two_targets_are_no_answer() -> None:
    words = "the target range for the federal funds rate at 3 to 3-1/4 percent"

    with pytest.raises(ValueError, match=r"more than one target: 3 to 3\.25, 3\.75 to 4 percent"):
        target_range(f"{words}; {words.replace('3 to 3-1/4', '3-3/4 to 4')}")


@pytest.mark.parametrize("words", ["to 3 to 4 percent", "to 4 to 3-3/4 percent", "to 37 to 37-1/4 percent"])
def test_an_impossible_target_is_no_answer(words: str) -> None:
    with pytest.raises(ValueError, match="percent is not"):
        target_range(f"the target range for the federal funds rate {words}")


def test_unscheduled_joint_statements_name_one_target() -> None:
    words = "has decided to lower its target for the federal funds rate 50 basis points to 1-1/2 percent."
    others = " The Bank of England reduced Bank Rate by 50 basis points to 4.5 percent, from 5 percent to 4.5 percent."

    assert target_range(words + others) == TargetRange(1.5, 1.5)


def test_plain_text_writes_fractions_one_way() -> None:
    assert (
        plain_text("3 - 3/4, 3\u00be, 3\u2013 3/4, 3 3/4 and 3-3/4\u00a0%")
        == "3-3/4, 3-3/4, 3-3/4, 3-3/4 and 3-3/4 percent"
    )
