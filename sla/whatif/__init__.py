"""What if a target promised something else: the last days judged by it, beside as it is now. Nothing is stored."""
