"""The figures of the user's analysis of 1 October 2025, written down a second time.

By hand from the text of the analysis, not from hardware.toml.
"""

#: Machine, what its dollars pay for, dollars.
PRICES = """
MacBook Pro M1     owned  0
MacBook Pro M2     owned  0
MacBook Pro M3     owned  0
M3 Max             once   3199 4099
Mac Studio M2 Ultra once  3999 7999
Colab free         month  0
Colab Pro          month  10
Lambda RTX 4090    hour   .50
AWS p3.2xlarge     hour   3.06
AWS p4d.24xlarge   hour   32.77
AWS ml.g4dn.xlarge hour   .526
AWS t3.xlarge      hour   .17
AWS c6i.4xlarge    hour   .68
"""
#: Minutes of one local update.
LOCAL_UPDATES = {"iPhone 12+": (5, 10), "iPad Pro": (3, 5), "MacBook": (1, 2)}
#: Minutes to train: family, thousands of rows, laptop, RTX 4090.
MINUTES = [
    ("delivery", 10, 8, None),
    ("delivery", 50, 22, None),
    ("delivery", 100, 45, 6),
    ("motion", 50, 18, None),
    ("motion", 100, 35, None),
    ("motion", 500, 150, 18),
    ("chains", 100, 45, None),
    ("chains", 500, 210, 25),
    ("behavior", 10, 2, None),
    ("behavior", 50, 5, None),
]
#: Thousands of rows that are to be trained on.
TRAINING_DATA = {
    "delivery": (10, 50),
    "motion": (50, 500),
    "chains": (100, 500),
    "behavior": (10, 50),
}
#: Thousands of homes of a federation: one laptop, a 16-core server.
FEDERATION = {"laptop": 10, "16-core server": 1_000}
#: Stage, thousands of homes, schedule (None where none is given), dollars a month.
STAGES = [
    ("MVP", 0, 1, "week", (0, 0)),
    ("early growth", 1, 10, "two weeks", (10, 10)),
    ("scale", 10, 100, None, (20, 50)),
    ("production", 100, None, "day", (200, 1000)),
]
