SELECT * FROM hashes
WHERE sha256 = %(sha256)s
ORDER BY id
LIMIT %(limit)s OFFSET %(offset)s
