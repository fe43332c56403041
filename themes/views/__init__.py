"""The pages of themes, their stylesheet, and the JSON helpers of the editor."""
