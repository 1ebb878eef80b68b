"""How long a site's battery lasts: its nominal hours, less with age, and less still once it says that it is low.

A stationary lead battery is taken for worn out at 80 % of its capacity (IEEE 1188), which its makers promise for
some ten years; past that it loses capacity faster. The rates and the reserve at which the alarm is raised are
judgements, not measurements of any one make.
"""

#: Part of the capacity lost each year up to the end of its design life, and after it.
YEARLY, YEARLY_WORN, DESIGN_YEARS = 0.02, 0.10, 10.0
#: No battery is taken for less than this, nor for more than new.
LEAST = 0.2
#: Part of its run time left when a battery says that it is low.
RESERVE = 0.2
YEAR = 365.25 * 86_400


def derated(hours: float, age_years: float) -> float:
    """Hours a battery of nominal `hours` lasts at this age."""
    worn = max(0.0, age_years - DESIGN_YEARS)
    left = 1.0 - YEARLY * min(max(0.0, age_years), DESIGN_YEARS) - YEARLY_WORN * worn
    return hours * max(LEAST, left)


def ends_at(lost_at: float, hours: float, installed_at: float | None, low_at: float | None = None) -> float:
    """When the battery ends, epoch seconds: mains lost at `lost_at`; said at `low_at` that it is low."""
    age = (lost_at - installed_at) / YEAR if installed_at is not None else 0.0
    lasts = derated(hours, age) * 3600
    end = lost_at + lasts
    return end if low_at is None else min(end, max(low_at, lost_at) + RESERVE * lasts)
