"""The kernel against the independent evaluator, on drawn plants and questions, as many as one has patience for."""
