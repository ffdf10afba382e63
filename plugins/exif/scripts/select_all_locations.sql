SELECT id, uuid, gps, geohash, created_at FROM exif
WHERE geohash IS NOT NULL
ORDER BY id
LIMIT %(limit)s OFFSET %(offset)s
