"""Made-up people and ninety days of their lives, so that a first look at the console has something to see.

Everything is written at once and as it would have become: rows that the services would have left, with the times at
which they would have. `seeding` is the story; each other module makes one kind of thing.
"""
