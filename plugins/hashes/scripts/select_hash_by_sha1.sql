SELECT * FROM hashes
WHERE sha1 = %(sha1)s
ORDER BY id
LIMIT %(limit)s OFFSET %(offset)s
