"""Records: one explicit model per kind of the contract, and what follows from it alone."""
