"""Staff set up what is offered: hours, offerings, rooms, and what is said of each therapist."""
