"""What the public reads: the front page, articles, fees, privacy; and whether the service is up."""
