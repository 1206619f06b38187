"""Reports (举报): who saw what, with which proof."""
