"""What can be booked: therapists, their hours, offerings and rooms."""
