"""A person withdraws: taken out of everything that is kept, and the absence proven by looking."""
