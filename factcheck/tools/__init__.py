"""What other programs use factcheck by: tools for language models (MCP), and what they share with the desk's API."""
