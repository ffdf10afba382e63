SELECT * FROM exif
WHERE geohash LIKE %(geohash)s ESCAPE '!'
ORDER BY id
LIMIT %(limit)s OFFSET %(offset)s
