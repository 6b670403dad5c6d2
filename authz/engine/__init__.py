"""The policy language and its engine: pure Python, no database, no clock of its own.

`document` reads a policy, `policyset` compiles many of them, `decide` answers one question.
"""
