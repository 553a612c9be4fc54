"""`captilt scenario`: suppose a future and see what the engine would say."""

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from captilt.context import Common
from captilt.run.packaged_sample import reading_desk
from signals.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from allocator.settings import ScenarioSettings


def scenario(
    names: Annotated[tuple[str, ...], Parameter(help="Scenarios to show; all where left out.")] = (),
    *,
    common: Common = Common(),
) -> None:
    """Recompute phases, forecast, weight and hedge from shocked inputs; own scenarios stand in the settings."""
    from allocator.scenario import SCENARIOS, explore
    from captilt.contract.scenario import scenario_answer
    from captilt.operations.disk_cache import FolderCache
    from captilt.run.position import held_position
    from captilt.terminal import console as screen
    from captilt.terminal.scenario import scenario_screen

    desk = reading_desk(common)
    settings = desk.settings
    chosen = _chosen(names, {**SCENARIOS, **settings.scenario})
    moment = desk.moment(common)
    view = desk.store.as_of(moment)
    with screen.progress("Supposing") as step:
        outcomes = explore(
            view,
            held_position(desk, moment).weight,
            settings.judgement,
            settings.regime,
            scenarios=chosen,
            cache=FolderCache(desk.home / "cache"),
            step=step,
        )
    pair = settings.portfolio
    answer = scenario_answer(view, outcomes, small=pair.small, large=pair.large)
    if common.json:
        screen.print_json(answer)
        return
    console = screen.console()
    console.print(scenario_screen(answer, console.width))


def _chosen(names: tuple[str, ...], known: "Mapping[str, ScenarioSettings]") -> "Mapping[str, ScenarioSettings]":
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UsageError(
            f"there is no scenario named {', '.join(unknown)}.",
            remedy=f"Choose among {', '.join(known)}, or add [scenario.NAME] to the settings.",
        )
    return {name: known[name] for name in names} if names else known
