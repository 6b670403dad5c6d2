"""What the README's figures come from: ours against the floor, in one run, as ratios."""
