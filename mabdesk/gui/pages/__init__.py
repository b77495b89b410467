"""The pages of the window, in the order of the work. A page knows the session and no other page."""
