"""Parts of the documentation that follow from the code, as Markdown."""
