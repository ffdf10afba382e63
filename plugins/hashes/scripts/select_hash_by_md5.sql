SELECT * FROM hashes
WHERE md5 = %(md5)s
ORDER BY id
LIMIT %(limit)s OFFSET %(offset)s
