"""Text without a model: sentences, folded copies, names, dates, spans and characters that nobody sees."""
