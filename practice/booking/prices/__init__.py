"""What one person pays: the steps of the practice's sliding scale, and what was agreed with whom, from when on."""
