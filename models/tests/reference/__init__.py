"""Plain float64 programs that the package is compared with; they import none of it."""
