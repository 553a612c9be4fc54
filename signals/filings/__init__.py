"""How companies are financed, measured from their filings at the SEC: pure definitions and formulas.

`concepts` says which tags stand for what, `quarters` turns filed numbers into company-quarters, `groups` says
who is small, `measures` and `pass_through` turn company-quarters into series, `interest_bill` asks what a cut saves.
"""
