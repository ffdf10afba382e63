SELECT * FROM duplicates
WHERE sha_256 = %(sha_256)s
ORDER BY uuid_ref
LIMIT %(limit)s OFFSET %(offset)s
