"""Parts shared by several apps; imports none of them."""
