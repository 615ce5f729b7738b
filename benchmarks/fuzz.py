"""stub"""

TARGETS = ("a",)
