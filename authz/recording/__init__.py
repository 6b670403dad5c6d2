"""What was decided, written down behind the decisions' back.

`recorder` is what decisions call: it never waits and never fails. `buffer` holds what waits for the writing thread,
`snapshot` bounds and cleans what is kept, `rows` makes table rows of it. What waits when a process is killed with -9
is lost.
"""
