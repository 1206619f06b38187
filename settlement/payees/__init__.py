"""Who is paid (收款人): verified persons and organisations, their accounts, and their invoices."""
