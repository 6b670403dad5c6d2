"""Roles, stored entities, policies and their cases as a folder of files, to be reviewed like code.

`formats` reads and writes one file, `folder` all of them, `parts` says what kinds of things there are and `exchange`
moves them. A new kind is one more `Part`.
"""
