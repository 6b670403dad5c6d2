"""How large a policy may be. Part of the language: a document that one version took, the next must take too."""

DOCUMENT_BYTES = 64 * 1024
CASE_BYTES = 16 * 1024
NAME_LENGTH = 100
DESCRIPTION_LENGTH = 1000
PRIORITY = 1000  # from minus this to plus this
PATTERNS = 100  # in each of subjects, actions, resources
COMBINATIONS = 10_000  # subjects x actions x resources: what the index holds for one policy
PATTERN_LENGTH = 512
CONDITION_DEPTH = 10
CONDITION_NODES = 500  # tests and branches, of which some count for more than one:
REGEX_NODES = 25  # a regular expression
LISTS_NODES = 25  # two lists of attributes that are compared with one another
TEXT_LENGTH = 1024  # a literal string, a regular expression
LIST_LENGTH = 1000  # a literal list
PATH_LENGTH = 300
PATH_STEPS = 8
PATH_NESTING = 2  # paths within brackets within a path
MATCHED_LENGTH = 1024  # characters of a value that a regular expression is for
REGEX_MEMORY = 1024 * 1024  # bytes that RE2 may use for one expression and its automaton
WHOLE_NUMBER = 2**63 - 1  # beyond it JSON parsers disagree
