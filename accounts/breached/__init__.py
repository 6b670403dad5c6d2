"""The list of breached passwords: a compact filter, how it is filled, and the words that ours is made from."""
