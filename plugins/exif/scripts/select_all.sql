SELECT * FROM exif
ORDER BY id
LIMIT %(limit)s OFFSET %(offset)s
