"""Which series the daily fetch asks for: what the catalogue, the regime and the pages read."""

FRED = (
    "DFEDTARU", "DFEDTARL", "DFF", "DGS10", "DGS3MO", "DGS1", "DGS2", "BAA10Y", "BAA", "TB3MS", "DGS6MO",
    "BAMLH0A0HYM2", "DRTSCILM", "DRTSCIS", "NFCI", "ANFCI", "VIXCLS", "DTB3", "T10Y3M", "AAA10Y", "AAA",
    "NCBCEBQ027S", "NCBEILQ027S", "UNRATE", "CPIAUCSL", "PAYEMS", "FEDFUNDS", "GS10",
)  # fmt: skip
YAHOO = (
    "IWM", "SPY", "IJR", "EVR", "LAZ", "MC", "PJT", "HLI", "PIPR", "KCE", "XLF", "IPO", "FPX", "MNA",
    "MDY", "QQQ", "IWB", "RUT", "GSPC", "VB", "HYG", "TLT",
)  # fmt: skip
FRENCH = ("FF3_DAILY", "FF3_MONTHLY", "FF_ME_VW_DAILY", "FF_ME_VW_MONTHLY", "FF_NFIRMS")
STRIP_MONTHS = 18  # Fed funds futures from this month on; beyond, prices are derived and not traded
ESSENTIAL = (  # what the call and the tilt need: asked for first
    "board:FOMC", "fred:DFEDTARU", "fred:DFF", "fred:DGS10", "fred:DGS3MO", "fred:BAA10Y", "fred:TB3MS", "fred:BAA",
    "yahoo:IWM", "yahoo:SPY", "tiingo:IWM", "tiingo:SPY", "french:FF3_DAILY", "french:FF3_MONTHLY", "cme:ZQ",
)  # fmt: skip
