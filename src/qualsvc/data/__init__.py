"""Reference lists that travel with the product; each says where it comes from and how well it is known."""
