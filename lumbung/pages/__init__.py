"""What every page is made of: the frame, words in templates, tables, downloads."""
