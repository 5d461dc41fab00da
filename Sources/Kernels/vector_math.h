// Vector math functions.
