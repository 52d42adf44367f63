"""The checklist of a session: each step a question that is answered from what is stored, with its evidence."""
