"""Tasks that misbehave on purpose, for tests of the pool; found through PROEDITOR_TASK_PACKAGES.

Owns: one module each. Refuses: being importable from the product.
"""
