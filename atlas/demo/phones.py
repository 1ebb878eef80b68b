"""Phone numbers that belong to nobody: E.164 numbers from ranges reserved for film and fiction.

Germany reserves only some thousands (Bundesnetzagentur, Mitteilung 148/2021), too few for every subscriber, so
mobiles come from France's and the United Kingdom's reserved ranges (Arcep decision 2018-0881; Ofcom, numbers
for use in TV and radio drama) and, past those 11,000, from the NANP's 555-0100 to 555-0199.
"""

_LANDLINES = ("+493023125", "+496990009", "+494066969", "+492214710", "+498999998")
_FRANCE, _UNITED_KINGDOM = 10_000, 1_000
#: Area codes of the NANP form NXX without those ending in 11.
_AREA_CODES = [code for code in range(201, 990) if code % 100 != 11]
MOBILES = _FRANCE + _UNITED_KINGDOM + 100 * len(_AREA_CODES)
LANDLINES = 1_000 * len(_LANDLINES)


def mobile(number: int) -> str:
    """The `number`th mobile; they repeat after `MOBILES`."""
    number %= MOBILES
    if number < _FRANCE:
        return f"+3363998{number:04}"
    number -= _FRANCE
    if number < _UNITED_KINGDOM:
        return f"+447700900{number:03}"
    area, line = divmod(number - _UNITED_KINGDOM, 100)
    return f"+1{_AREA_CODES[area]}55501{line:02}"


def landline(number: int) -> str:
    """The `number`th landline; they repeat after `LANDLINES`."""
    block, line = divmod(number % LANDLINES, 1_000)
    return f"{_LANDLINES[block]}{line:03}"
