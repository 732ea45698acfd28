"""Plain programs that the package and the Rust program are compared with; they import none of either."""
