"""Parts that several apps share; imports none of them."""
