"""Who looks, and when: the clinician on duty, and the notices that call until somebody has looked."""
