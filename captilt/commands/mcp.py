"""`captilt mcp`: the read-only tools for assistants, on standard input and output."""

from captilt.context import Common, Desk


def mcp(*, common: Common = Common()) -> None:
    """Serve six read-only tools over standard input and output, until the client hangs up.

    Needs the extra ``captilt[mcp]``.
    """
    from captilt import library
    from signals.errors import UsageError

    try:
        from captilt.tool_server import build
    except ModuleNotFoundError as absent:
        if (absent.name or "").partition(".")[0] != "mcp":
            raise
        raise UsageError(
            "the tools need the package mcp, of a version before 2.", remedy="pip install 'captilt[mcp]'"
        ) from None
    desk = Desk.open(common)
    has_market_data = desk.store.holds_market_data()
    build(library.Desk(desk) if has_market_data else library.sample()).run()
