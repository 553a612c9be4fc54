"""The review page: one frozen view of the book, two forms, and a guard in front of every route."""
