SELECT * FROM exif WHERE uuid = %(uuid)s ORDER BY id
