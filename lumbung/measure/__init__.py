"""`lumbung measure`: figures for analysts, from a file, without database or Django."""
