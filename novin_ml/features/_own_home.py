"""The check that an event is of the home of a history."""

from __future__ import annotations

from novin_ml.events.fields import field_named
from novin_ml.exceptions import InvalidEventError

#: The home of events that name none: they are of any home.
_UNNAMED = field_named("home_id").default


def require_own_home(own: str | None, home: str) -> None:
    """Refuse an event of another home than the history's; None as `own` accepts all."""
    if home != own and home != _UNNAMED and own is not None:
        raise InvalidEventError(
            f"An event of a history must be of its home, {own!r}. Got one of {home!r}. "
            "Make one history for each home."
        )
