"""Every model of the rate cycle, in one explicit registry. Adding one is a file and a line here."""

from regime.models import structural_hazard
from regime.models.model import Model

MODELS: tuple[Model, ...] = (structural_hazard.MODEL,)
BY_NAME = {model.name: model for model in MODELS}
