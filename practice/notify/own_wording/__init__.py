"""The practice's own words of the letters: a draft of each, and every version that was published."""
