"""`captilt challengers`: registered rules beside the method, compared on later days only."""

from captilt.context import Common, Desk


def challengers(*, common: Common = Common()) -> None:
    """Print every registered rule with its newest statement and its forward test."""
    from captilt.contract.challengers import challengers_answer
    from captilt.contract.record import to_json
    from captilt.run.challengers import compared
    from captilt.terminal.challengers import challengers_screen
    from captilt.terminal.console import console, print_json
    from signals.calendars import day_of

    desk = Desk.open(common)
    moment = desk.moment(common)
    rules = compared(desk.ledger, desk.store.as_of(moment), desk.settings)
    answer = challengers_answer(day_of(moment), rules)
    if common.json:
        print_json(to_json(answer))
        return
    console().print(challengers_screen(answer))
