"""Read models: tables, typed rows, pure folds over events, and the SQL of their questions."""
