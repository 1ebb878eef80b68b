"""The short references people say aloud: "INC-12", "WO-7"."""

#: As many digits as a row's id can have, whatever they are.
MOST_DIGITS = 18


def number_in(reference: str, prefix: str) -> int | None:
    """The number behind a prefix, which may be missing, in small letters, or "#". None when there is none."""
    digits = reference.strip().upper().removeprefix(f"{prefix}-").removeprefix("#")
    return int(digits) if digits.isdecimal() and len(digits) <= MOST_DIGITS else None
