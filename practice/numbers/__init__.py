"""Numbers: what the practice counts of itself, each as a picture, a sentence, a table and a file that say the same."""
