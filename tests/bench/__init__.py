"""The benchmark: `python -m tests.bench [R1 R2 …]`, a table of medians and ratios.

Owns: nothing but the folder. A module that has `FIGURE`, `TITLE` and `measure(bench) -> list[Row]` is found by its being here.
"""
