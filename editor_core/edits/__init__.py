"""Edits: pure functions from a draft and arguments to changes, one file for each verb.

Owns: what editing verbs mean. Refuses: names, times and permissions of commands, which call them.
"""
