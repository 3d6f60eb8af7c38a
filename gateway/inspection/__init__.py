"""Service: opens what came from outside, in processes that may die, and judges sends by what was found."""
