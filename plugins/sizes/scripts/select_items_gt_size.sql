SELECT * FROM sizes
WHERE data_size > %(data_size)s
ORDER BY uuid_ref
LIMIT %(limit)s OFFSET %(offset)s
