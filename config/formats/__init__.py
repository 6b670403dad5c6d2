"""How moments and days are written where no template says so: alike in both languages, and in lists of the console."""
